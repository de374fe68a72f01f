"""Candidates ranked under every facet of a question: all of them once, the best a second time.

A facet's scores count over its greatest one, times its weight; the sum orders. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.catalog.chunks import Passage
from rag.catalog.sketch import Sketch
from rag.closeness import Looked
from rag.evidence import Signs
from rag.facets import Search
from rag.rank import Near, Ranking, over, rank, refine
from rag.weights import Weights

Floats = NDArray[np.float32]
_FIFTH = 4  # the lead of the best passage is measured against this one
_COVERED = 0.7  # of the question's word weight; then its own language has the answer
_TRANSLATED = 1.4  # 1.5 finds a little more in the other language, and takes more from the own
_HELD_AS_WELL = 0.8  # of what the question's own words are held


@dataclass(frozen=True)
class FirstLook:
    """All candidates."""

    searches: Sequence[Search]
    rankings: Sequence[Ranking]
    counts: Sequence[float]

    @classmethod
    def at(
        cls,
        searches: Sequence[Search],
        passages: Sequence[Passage],
        sketch: Sketch,
        weights: Weights,
        languages: Sequence[str] = (),
    ) -> "FirstLook":
        """Rank these passages under each search. `languages` are those of their documents."""
        features = [passage.features for passage in passages]
        rows = [passage.vector for passage in passages]
        vectors = np.stack(rows).astype(np.float32) if rows else None
        found = []
        for search in searches:
            cosines = np.zeros(0, np.float32) if vectors is None else vectors @ search.mean
            found.append(rank(search.query, features, cosines, sketch, weights))
        pairs = zip(searches, found, strict=True)
        counts = [_count(searches[0], found[0], *one, languages) for one in pairs]
        return cls(searches, found, counts)

    @cached_property
    def whole(self) -> int:
        """Which search says what is asked."""
        return next(n for n, search in enumerate(self.searches) if search.is_whole)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Best first."""
        return np.argsort(-_sum(self.counts, [one.score for one in self.rankings]), kind="stable")


@dataclass(frozen=True)
class SecondLook:
    """The `best` candidates; everything here stands in the order of `best`."""

    first: FirstLook
    best: NDArray[np.int64]
    near: Sequence[Near]
    scores: Sequence[Floats]

    @classmethod
    def at(
        cls, first: FirstLook, best: NDArray[np.int64], looked: Looked | None, weights: Weights
    ) -> "SecondLook":
        """Look closely at `best`; without a close look the first scores stand."""
        if looked is None:
            near = [Near(r.vector[best], r.vector[best], r.vector[best]) for r in first.rankings]
            return cls(first, best, near, [r.score[best] for r in first.rankings])
        near = [looked.near(search.mean, search.rare) for search in first.searches]
        pairs = zip(first.rankings, near, strict=True)
        return cls(first, best, near, [refine(r, best, n, weights) for r, n in pairs])

    @cached_property
    def total(self) -> Floats:
        """Sums over the facets."""
        return _sum(self.first.counts, self.scores)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Places in `best`, best first."""
        return np.argsort(-self.total, kind="stable")

    def signs(self, n: int) -> tuple[Signs, list[int]]:
        """What speaks for an answer under this facet, and its best candidates."""
        ranking, near, scores = self.first.rankings[n], self.near[n], self.scores[n]
        order = np.argsort(-scores, kind="stable")
        top, query = order[0], self.first.searches[n].query
        signs = Signs(
            keywords=float(ranking.bm[self.best[top]]) / (float(query.term_weights.sum()) or 1.0),
            rare=float(near.rare[top]),
            sentence=float(near.sentence[top]),
            phrases=float(ranking.phrases[self.best[top]]) / (float(query.word_weights.sum()) or 1.0),
            lead=float(scores[top] - scores[order[min(_FIFTH, len(order) - 1)]]),
        )
        return signs, self.best[order].tolist()


def _count(
    question: Search, own: Ranking, search: Search, ranking: Ranking, languages: Sequence[str]
) -> float:
    """How much a facet counts. A translation counts where the question's own words are hardly held better.

    Only passages of its language speak for it, and the fewer they are the less. So it is with the part
    of the question that it leaves out: two words of a long question are soon found together.
    """
    if search.language is None:
        return search.weight
    theirs = np.array([one == search.language for one in languages], dtype=bool)
    if not theirs.any() or own.coverage.max(initial=0.0) >= _COVERED:
        return 0.0
    mine, other = _held(question, own.bm), search.weight * _held(search, ranking.bm[theirs])
    if other <= _HELD_AS_WELL * mine:
        return 0.0
    return _TRANSLATED * min(1.0, 4 * float(theirs.mean())) * other / (mine + other)


def _held(search: Search, bm: Floats) -> float:
    """The best keyword score over what a passage has that holds each word once."""
    return min(1.0, float(bm.max(initial=0.0)) / (float(search.query.term_weights.sum()) or 1.0))


def _sum(counts: Sequence[float], scores: Sequence[Floats]) -> Floats:
    if len(scores) == 1:
        return scores[0]
    total = np.zeros_like(scores[0])
    for count, some in zip(counts, scores, strict=True):
        total += np.float32(count) * over(some)
    return total
