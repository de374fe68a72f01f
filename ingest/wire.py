"""What a child sends back: plain values only.

A child reads strangers' files, so nothing it sends may name code: unpickling refuses every class.
"""

import io
import pickle
from dataclasses import astuple, fields
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray

from ingest.types import Loaded, Parsed, Piece
from rag.types import Box, Section, Span

Vectors = NDArray[np.float16]


def pack(parsed: Parsed) -> bytes:
    """Bytes of a parsed file. A loader's report must hold plain values only, or `unpack` refuses it."""
    loaded = parsed.loaded
    values = {
        "place": parsed.place,
        "language": parsed.language,
        "error": parsed.error,
        "state": parsed.state,
        "hint": parsed.hint,
        "content_hash": parsed.content_hash,
        "embed": parsed.embed,
        "pieces": [
            (p.span.start, p.span.end, p.page, p.heading, p.text_hash, p.features) for p in parsed.pieces
        ],
        "vectors": None if parsed.vectors is None else pack_vectors(parsed.vectors),
        "loaded": loaded
        and {f.name: getattr(loaded, f.name) for f in fields(loaded)}
        | {
            "sections": [astuple(section) for section in loaded.sections],
            "boxes": [astuple(box) for box in loaded.boxes],
            "report": dict(loaded.report),
        },
    }
    return pickle.dumps(values, protocol=5)


def unpack(data: bytes) -> Parsed:
    """The inverse of `pack`. Raises when the bytes are anything else."""
    values = _plain(data)
    loaded = values["loaded"]
    pieces = tuple(
        Piece(Span(start, end), page, heading, text_hash, features)
        for start, end, page, heading, text_hash, features in values["pieces"]
    )
    values["pieces"] = pieces
    values["vectors"] = None if values["vectors"] is None else _vectors(values["vectors"])
    if loaded:
        sections = ((Span(*span), heading, page) for span, heading, page in loaded["sections"])
        loaded["sections"] = tuple(Section(*section) for section in sections)
        loaded["boxes"] = tuple(Box(*box) for box in loaded["boxes"])
        values["loaded"] = Loaded(**loaded)
    return Parsed(**values)


def pack_vectors(vectors: Vectors) -> tuple[int, bytes]:
    """Their number and their bytes."""
    return len(vectors), vectors.astype("<f2", copy=False).tobytes()


def unpack_vectors(data: bytes) -> Vectors:
    """Vectors from a pickled pair of `pack_vectors`."""
    return _vectors(_plain(data))


def _vectors(packed: tuple[int, bytes]) -> Vectors:
    count, data = packed
    return np.frombuffer(data, dtype="<f2").reshape(count, -1) if count else np.empty((0, 0), np.float16)


def _plain(data: bytes) -> Any:  # plain values of the shape that `pack` gave them
    return _PlainUnpickler(io.BytesIO(data)).load()


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Never:
        raise pickle.UnpicklingError(f"a child sent {module}.{name}")
