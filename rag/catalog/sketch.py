"""How common each term is, kept beside the chunks so that ranking needs no store's statistics.

A table of counts by hashed term: two rare terms may share a count, which moves a weight a little.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.features import Features, Ids

_BITS = 19
_MASK = np.uint32((1 << _BITS) - 1)
FIELDS = ("body", "heading", "title", "path")


@dataclass(frozen=True, slots=True)
class Sketch:
    """`counts[term & mask]` chunks hold the term; `lengths` sums BM25 terms by field."""

    counts: NDArray[np.int32]
    chunks: int
    lengths: NDArray[np.int64]

    def changed(self, add: Sequence[Features], remove: Sequence[Features]) -> "Sketch":
        """The sketch after these chunks came and went."""
        counts = self.counts.copy()
        lengths = self.lengths.copy()
        for features, sign in ((add, 1), (remove, -1)):
            if features:
                counts += np.int32(sign) * _document_frequencies(features)
                lengths += sign * np.sum([field_lengths(f) for f in features], axis=0, dtype=np.int64)
        return Sketch(np.maximum(counts, 0), self.chunks + len(add) - len(remove), np.maximum(lengths, 0))

    def idf(self, ids: Ids) -> NDArray[np.float32]:
        """ln(1 + (N - df + .5) / (df + .5)) for each id."""
        found = np.minimum(self.counts[ids & _MASK], self.chunks)
        weights: NDArray[np.float32] = np.log1p((self.chunks - found + 0.5) / (found + 0.5)).astype(
            np.float32
        )
        return weights

    def average_lengths(self) -> NDArray[np.float32]:
        """BM25 terms a chunk, by field; at least 1."""
        return np.maximum(self.lengths / max(1, self.chunks), 1.0).astype(np.float32)

    def pack(self) -> bytes:
        """Bytes for the catalog; `unpack` is the inverse."""
        head = np.array([self.chunks, *self.lengths], dtype="<i8")
        return head.tobytes() + zlib.compress(self.counts.astype("<i4").tobytes(), 1)


def empty() -> Sketch:
    """The sketch of no chunks."""
    return Sketch(np.zeros(1 << _BITS, dtype=np.int32), 0, np.zeros(len(FIELDS), dtype=np.int64))


def unpack(blob: bytes) -> Sketch:
    """The sketch of `Sketch.pack`; empty for no bytes."""
    if not blob:
        return empty()
    size = 8 * (1 + len(FIELDS))
    head = np.frombuffer(blob[:size], dtype="<i8")
    counts = np.frombuffer(zlib.decompress(blob[size:]), dtype="<i4")
    return Sketch(counts, int(head[0]), head[1:].copy())


def field_lengths(features: Features) -> tuple[int, int, int, int]:
    """BM25 terms in body, heading, title and path."""
    _, _, heading, title, path = features.lengths
    return features.body_terms, heading, title, path


def _document_frequencies(features: Sequence[Features]) -> NDArray[np.int32]:
    """Dictionary words are counted too: phrases and coverage weigh them."""
    counts = np.zeros(1 << _BITS, dtype=np.int32)
    for one in features:
        counts[one.everything & _MASK] += 1  # an id that repeats is counted once
    return counts
