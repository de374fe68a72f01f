"""How near passages are to a question in meaning, looked at closely: title, rare words, sentences.

Only the best candidates are looked at, and only with an embedder that embeds a sentence in
microseconds. What is found of a passage is kept: a stored text never changes.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from rag.bounded import Bounded
from rag.catalog.chunks import Passage
from rag.catalog.sketch import Sketch
from rag.embedders import WordEmbedder
from rag.features import term_id
from rag.rank import Near
from rag.sentences import sentences
from rag.words import is_cjk, runs, stem

Floats = NDArray[np.float32]

_COMMON = 0.3  # what a stop word counts, where a rare word counts 9
_KEPT = 100_000_000  # bytes: 20,000 passages of ten sentences, fewer of many short lines


@dataclass(frozen=True, slots=True)
class _Seen:
    """Vectors of one passage; `rare` holds for one state of the tenant."""

    seq: int
    rare: NDArray[np.float16]
    sentences: NDArray[np.float16]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.rare.nbytes + self.sentences.nbytes


class Closeness:
    """Thread-safe; synchronous. Keeps up to `most` bytes of vectors."""

    def __init__(self, embedder: WordEmbedder, most: int = _KEPT) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._seen: Bounded[tuple[str, int], _Seen] = Bounded(most, lambda seen: seen.size)
        self._headings = lru_cache(maxsize=20_000)(self._heading)

    def passages(
        self, tenant: str, seq: int, sketch: Sketch, read: Sequence[tuple[Passage, str, str]]
    ) -> "Looked":
        """What is compared of these passages, given with their titles and texts."""
        seen = self._all(tenant, seq, sketch, read)
        headings = [
            self._headings(passage.heading[-1] if passage.heading else title) for passage, title, _ in read
        ]
        counts = [len(one.sentences) for one in seen]
        return Looked(
            np.stack([one.rare for one in seen]).astype(np.float32),
            np.stack(headings),
            np.concatenate([one.sentences for one in seen]).astype(np.float32),
            np.cumsum([0, *counts[:-1]]),
        )

    def rare(self, text: str, sketch: Sketch) -> Floats:
        """A question's vector in which rare words count more."""
        rows, names = self._embedder.words([text])
        return _unit(weights_of(names[0], sketch) @ rows)

    def forget(self, tenant: str) -> None:
        """Let go of all that is kept, after an erasure."""
        with self._lock:
            self._seen.drop(lambda key: key[0] == tenant)
        self._headings.cache_clear()

    def _all(
        self, tenant: str, seq: int, sketch: Sketch, read: Sequence[tuple[Passage, str, str]]
    ) -> list[_Seen]:
        """What is kept of these passages; what is missing is made together, which costs less."""
        with self._lock:
            held = {p.id: one for p, _, _ in read if (one := self._seen.get((tenant, p.id)))}
        stale = [one for one in read if (kept := held.get(one[0].id)) is None or kept.seq != seq]
        made = self._make(seq, sketch, stale) if stale else []
        with self._lock:
            for (passage, _, _), one in zip(stale, made, strict=True):
                held[passage.id] = one
                self._seen.put((tenant, passage.id), one)
        return [held[passage.id] for passage, _, _ in read]

    def _make(self, seq: int, sketch: Sketch, read: Sequence[tuple[Passage, str, str]]) -> list[_Seen]:
        """Each passage is its title with headings, then its sentences, at least one."""
        parts = [["\n".join([title, *p.heading]), *_sentences(text)] for p, title, text in read]
        rows, names = self._embedder.words([part for some in parts for part in some])
        weights = weights_of([name for some in names for name in some], sketch)
        ends = np.cumsum([0, *map(len, names)])
        made, first = [], 0
        for some in parts:
            last = first + len(some)
            whole = slice(ends[first], ends[last])
            rare = _unit(weights[whole] @ rows[whole])
            sums = [rows[ends[n] : ends[n + 1]].sum(axis=0) for n in range(first + 1, last)]
            made.append(_Seen(seq, rare.astype(np.float16), _unit(np.stack(sums)).astype(np.float16)))
            first = last
        return made

    def _heading(self, text: str) -> Floats:
        rows, _ = self._embedder.words([text])
        return _unit(rows.sum(axis=0))


def _sentences(text: str) -> list[str]:
    found = [text[one.start : one.end] for one in sentences(text)]
    return [one for one in found if one] or [text]


@dataclass(frozen=True, slots=True)
class Looked:
    """Passages end to end; `starts` says where the sentences of each begin."""

    rare: Floats
    heading: Floats
    sentences: Floats
    starts: NDArray[np.int64]

    def near(self, mean: Floats, rare: Floats) -> Near:
        """Cosines with a question's two vectors."""
        nearest = np.maximum.reduceat(self.sentences @ mean, self.starts)
        return Near(self.rare @ rare, self.heading @ mean, nearest)


def weights_of(names: Sequence[str], sketch: Sketch) -> Floats:
    """How much words count among these passages: the mean weight of their stems, `_COMMON` without any."""
    ids = [_ids(name) for name in names]
    weights = sketch.idf(np.array([*chain.from_iterable(ids)], dtype=np.uint32))
    counts = np.fromiter(map(len, ids), np.int64, len(ids))
    found = np.full(len(counts), _COMMON, dtype=np.float32)
    some = counts > 0
    if some.any():
        starts = np.cumsum(counts[some]) - counts[some]
        found[some] = np.add.reduceat(weights, starts) / counts[some]
    return found


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


@lru_cache(maxsize=200_000)
def _ids(word: str) -> tuple[int, ...]:
    """Ids of the stems of a word as it stands in a text; of an ideograph its own."""
    if is_cjk(word):
        return (term_id(word),)
    return tuple(term_id(term) for run in runs(word) if (term := stem(run)))
