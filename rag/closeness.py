"""How near passages are to a question in meaning, looked at closely: title, rare words, sentences.

Only the best candidates are looked at, and only with an embedder that embeds a sentence in
microseconds. What is found of a passage is kept: a stored text never changes.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.bounded import Bounded
from rag.catalog.chunks import Passage
from rag.catalog.sketch import Sketch
from rag.embedders import WordEmbedder
from rag.features import term_id
from rag.rank import Near
from rag.sentences import plain, sentences
from rag.words import is_cjk, runs, stem

Floats = NDArray[np.float32]

_COMMON = 0.3  # what a stop word counts, where a rare word counts 9
_KEPT = 20_000  # passages; about 5 KB each


@dataclass(frozen=True, slots=True)
class _Seen:
    """Vectors of one passage; `rare` holds for one state of the tenant."""

    seq: int
    rare: NDArray[np.float16]
    sentences: NDArray[np.float16]


class Closeness:
    """Thread-safe; synchronous."""

    def __init__(self, embedder: WordEmbedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._seen: Bounded[tuple[str, int], _Seen] = Bounded(_KEPT, lambda _: 1)
        self._headings = lru_cache(maxsize=20_000)(self._heading)

    def passages(
        self, tenant: str, seq: int, sketch: Sketch, read: Sequence[tuple[Passage, str, str]]
    ) -> "Looked":
        """What is compared of these passages, given with their titles and texts."""
        seen = self._all(tenant, seq, weigher(sketch), read)
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

    def forget(self, tenant: str) -> None:
        """Let go of all that is kept, after an erasure."""
        with self._lock:
            self._seen.drop(lambda key: key[0] == tenant)
        self._headings.cache_clear()

    def rare(self, text: str, sketch: Sketch) -> Floats:
        """A question's vector in which rare words count more."""
        row: Floats = self._embedder.weighted([text], weigher(sketch))[0]
        return row

    def _all(
        self, tenant: str, seq: int, weigh: "Weigher", read: Sequence[tuple[Passage, str, str]]
    ) -> list[_Seen]:
        """What is kept of these passages; what is missing is made together, which costs less."""
        with self._lock:
            held = {p.id: one for p, _, _ in read if (one := self._seen.get((tenant, p.id)))}
        stale = [one for one in read if (kept := held.get(one[0].id)) is None or kept.seq != seq]
        new = [one for one in stale if one[0].id not in held]
        said = dict(
            zip((p.id for p, _, _ in new), self._sentences([text for _, _, text in new]), strict=True)
        )
        wholes = ["\n".join([title, *passage.heading, text]) for passage, title, text in stale]
        rare = self._embedder.weighted(wholes, weigh).astype(np.float16)
        for (passage, _, _), row in zip(stale, rare, strict=True):
            known = held.get(passage.id)
            held[passage.id] = _Seen(seq, row, known.sentences if known else said[passage.id])
        with self._lock:
            for passage, _, _ in stale:
                self._seen.put((tenant, passage.id), held[passage.id])
        return [held[passage.id] for passage, _, _ in read]

    def _sentences(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        """Vectors of the sentences of each text, at least one."""
        found = [_plain_sentences(text) for text in texts]
        rows = self._embedder.weighted([one for some in found for one in some], _alike).astype(np.float16)
        return np.split(rows, np.cumsum([len(some) for some in found])[:-1]) if found else []

    def _heading(self, text: str) -> Floats:
        row: Floats = self._embedder.weighted([text], _alike)[0]
        return row


def _plain_sentences(text: str) -> list[str]:
    found = [plain(text[one.start : one.end]).strip() for one in sentences(text)]
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


Weigher = Callable[[Sequence[str]], Floats]


def weigher(sketch: Sketch) -> Weigher:
    """How much words count among these passages: the mean weight of their stems."""

    def weigh(words: Sequence[str]) -> Floats:
        ids = [_ids(word) for word in words]
        weights = sketch.idf(np.array([one for some in ids for one in some], dtype=np.uint32))
        counts = np.array([len(some) for some in ids])
        return _means(weights, counts)

    return weigh


def _means(weights: Floats, counts: NDArray[np.int64]) -> Floats:
    """The mean of so many weights at a time; `_COMMON` of none."""
    found = np.full(len(counts), _COMMON, dtype=np.float32)
    some = counts > 0
    if some.any():
        starts = np.cumsum(counts[some]) - counts[some]
        found[some] = np.add.reduceat(weights, starts) / counts[some]
    return found


def _alike(words: Sequence[str]) -> Floats:
    return np.ones(len(words), dtype=np.float32)


@lru_cache(maxsize=200_000)
def _ids(word: str) -> tuple[int, ...]:
    """Ids of the stems of a word as it stands in a text; of an ideograph its own."""
    if is_cjk(word):
        return (term_id(word),)
    return tuple(term_id(term) for run in runs(word) if (term := stem(run)))
