"""The parts of all questions' scores in one array: a whole set of questions is ranked in milliseconds.

The arithmetic is that of `rag.rank` and `rag.looks`; a test holds the two together. Passages that
repeat another one are not folded here, as they are for a user.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.candidates import PARTS, Candidates
from rag.evaluate.places import DEEPEST, overlap
from rag.evaluate.types import Place
from rag.retrieve import LOOKED
from rag.weights import Weights

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

WORDS, VECTOR = 3, 3  # parts that words make; the place of the first one that vectors make
_TOP = 5  # passages of hit@5
_TINY = np.float32(1e-30)  # where the maximum is 0, all are


@dataclass(frozen=True, slots=True)
class Parts:
    """Padded to the longest: `values` (questions, searches, candidates, `PARTS`), `counts` of each
    search, 0 where there is none, `gold` and `there` (questions, candidates).

    `close` says that the best are looked at a second time, so many as `looked`; without it only the first
    three weights matter.
    """

    values: Floats
    counts: Floats
    gold: Bools
    there: Bools
    close: bool
    looked: int = LOOKED

    @property
    def tuned(self) -> tuple[str, ...]:
        """The weights that change anything."""
        return tuple(one.name for one in fields(Weights))[: None if self.close else 3]

    def of(self, rows: Bools) -> "Parts":
        """Some of the questions."""
        held = {name: getattr(self, name)[rows] for name in ("values", "counts", "gold", "there")}
        return replace(self, **held)

    def scores(self, weights: Weights) -> Floats:
        """(questions, candidates) in the order of the retriever; -inf for what is not looked at."""
        words = self.values[..., :WORDS] @ np.array([1, weights.phrases, weights.coverage], np.float32)
        first = words + np.float32(weights.vector) * self._over(self.values[..., VECTOR], self.there)
        total = self._sum(first, self.there)
        if not self.close:
            return total
        best = self.there & (total >= _nth(total, self.looked))
        second = words
        near = (weights.mean, weights.rare, weights.heading, weights.sentence)
        for part, weight in enumerate(near, VECTOR):
            second = second + np.float32(weight) * self._over(self.values[..., part], best)
        return self._sum(second, best)

    def ranks(self, weights: Weights) -> NDArray[np.float64]:
        """1-based rank of the first passage with gold, infinity where there is none. Ties go against it."""
        scores = self.scores(weights)
        best = np.where(self.gold, scores, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
        above = ((scores >= best) & ~self.gold & (scores > -np.inf)).sum(axis=1)
        return np.where(np.isfinite(best[:, 0]), above + 1.0, np.inf)

    def _sum(self, some: Floats, among: Bools) -> Floats:
        """Sums over the searches, each over its maximum; -inf outside `among`."""
        total = (self.counts[:, :, None] * self._over(some, among)).sum(axis=1)
        return np.where(among, total, -np.inf).astype(np.float32)

    def _over(self, some: Floats, among: Bools) -> Floats:
        held: Floats = np.where(among[:, None, :], some, 0).astype(np.float32)
        top: Floats = held.max(axis=2, keepdims=True, initial=0)
        found: Floats = np.divide(held, np.maximum(top, _TINY), dtype=np.float32)
        return found


def stack(found: Sequence[Candidates], golds: Sequence[Sequence[Place]]) -> Parts:
    """The parts of some questions, with the candidates that overlap a gold place marked."""
    arrays = [one.parts for one in found]
    marks = [
        [any(overlap(place, g) for g in gold) for place in one.places()]
        for one, gold in zip(found, golds, strict=True)
    ]
    searches = max((len(one) for one in arrays), default=0)
    longest = max((one.shape[1] for one in arrays), default=0)
    values = np.zeros((len(found), searches, longest, len(PARTS)), np.float32)
    counts = np.zeros((len(found), searches), np.float32)
    gold, there = np.zeros((2, len(found), longest), bool)
    for i, (one, array, mark) in enumerate(zip(found, arrays, marks, strict=True)):
        values[i, : len(array), : array.shape[1]] = array
        counts[i, : len(array)] = one.counts
        gold[i, : len(mark)], there[i, : len(mark)] = mark, True
    looked = max((one.looked for one in found), default=LOOKED)
    return Parts(values, counts, gold, there, any(one.closeness for one in found), looked)


def hits(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """hit@5 of each question."""
    return (ranks <= _TOP).astype(float)


def reciprocals(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Reciprocal rank of each question, of the first ten passages."""
    return np.where(ranks <= DEEPEST, 1 / ranks, 0.0)


def quality(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a tuning raises: the mean of hit@5 and the reciprocal rank of each question."""
    return (hits(ranks) + reciprocals(ranks)) / 2


def _nth(total: Floats, n: int) -> Floats:
    """The score of the n-th best in each row."""
    if total.shape[1] <= n:
        return np.full((len(total), 1), -np.inf, np.float32)
    return -np.partition(-total, n - 1, axis=1)[:, n - 1 : n]
