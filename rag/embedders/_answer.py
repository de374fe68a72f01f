"""An answer of an embeddings service: read strictly, since a wrong vector would be stored for good."""

import base64
import binascii
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import BackendError


def read(answer: object, count: int, dimensions: int) -> NDArray[np.float32]:
    """The vectors in the order of the texts, by their `index`; base64 (float32, little-endian) or numbers.

    `BackendError` unless there is exactly one for each text, of this many finite numbers, not all nought.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise _wrong("no list of embeddings")
    if len(data) != count:
        raise _wrong(f"{len(data)} embeddings for {count} texts")
    rows = np.zeros((count, dimensions), np.float32)
    for index, item in zip(_indexes(data), data, strict=True):
        rows[index] = _vector(item.get("embedding"), dimensions)
    return rows


def _indexes(data: list[dict[str, Any]]) -> list[int]:
    """Which text each item belongs to. A service that leaves every index out keeps the order."""
    found = [item.get("index") for item in data]
    if all(index is None for index in found):
        return list(range(len(data)))
    indexes = [index for index in found if type(index) is int]
    if sorted(indexes) != list(range(len(data))):
        raise _wrong("embeddings whose numbers are not those of the texts")
    return indexes


def _vector(value: object, dimensions: int) -> NDArray[np.float32]:
    try:
        if isinstance(value, str):
            vector = np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
        else:
            vector = np.array(value, np.float32)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise _wrong("an embedding that is no list of numbers") from error
    if vector.shape != (dimensions,):
        found = vector.size if vector.ndim == 1 else "no"
        raise _wrong(
            f"vectors of {found} dimensions, not {dimensions}", hint="see KB_EMBEDDER and its `dimensions`"
        )
    if not np.isfinite(vector).all() or not vector.any():
        raise _wrong("a vector that is no direction (nought, endless or no number)")
    return vector


def _wrong(what: str, hint: str = "does it speak OpenAI's embeddings? see KB_EMBEDDER") -> BackendError:
    return BackendError(f"the embedding service sent {what}", hint=hint)
