"""Entries for store tests: a text, whatever facts matter, and a vector."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.features import extract, pack
from rag.filters import Facts
from rag.stores import Entry, Vector
from rag.words import has_cjk

SIZE = 32  # of vectors


def unit(values: Sequence[float] | NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of some values, padded with zeros."""
    padded = np.zeros(max(SIZE, len(values)), dtype=np.float32)
    padded[: len(values)] = values
    return padded / np.float32(np.linalg.norm(padded))


def random_vectors(count: int, *, seed: int, size: int = SIZE) -> Vector:
    """Unit rows in random directions, the same for the same seed."""
    rows = np.random.default_rng(seed).normal(size=(count, size))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16)


def entry(
    chunk: int,
    text: str = "common",
    *,
    vector: NDArray[np.floating] | None = None,
    heading: str = "",
    title: str = "",
    source: str = "",
    collection: str = "handbook",
    document: str | None = None,
    groups: tuple[str, ...] = ("*",),
    updated: int = 0,
    language: str | None = None,
) -> Entry:
    """One chunk of a document of its own; without `vector`, in a direction that its number decides."""
    facts = Facts(
        collection,
        f"d{chunk}" if document is None else document,
        language or ("zh" if has_cjk(text) else "en"),
        groups,
        updated,
    )
    return Entry(
        chunk=chunk,
        key=f"v{chunk}:0",
        version=f"v{chunk}",
        facts=facts,
        source=source,
        title=title,
        heading=heading,
        text=text,
        features=pack(extract(text, heading=heading, title=title, path=source)),
        vector=random_vectors(1, seed=chunk)[0] if vector is None else vector.astype(np.float16),
    )
