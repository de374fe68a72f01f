"""Order candidates by fields, phrases, coverage and vectors; pure, the same on every store.

First look: bm/max + .25 phrases/max(bm) + .15 coverage + .35 vector/max, each over the maximum among
the candidates: a sum of scores keeps what a strong ranker knows, reciprocal ranks lose it where one
of the rankers is weak. Second look, at the best few: the vector's part becomes .2 mean + .3 rare
words + .15 heading + .2 nearest sentence (`rag.weights` holds the weights).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.catalog.sketch import Sketch
from rag.features import Features, Ids
from rag.query import Analysed
from rag.weights import Weights

Floats = NDArray[np.float32]

_K1, _B = 0.9, 0.4
_FIELD_WEIGHTS = (1.0, 1.0, 1.0, 0.5)  # body, heading, title, path
_NEAR = 3  # words apart, at most, to count as near
_TABLE = 1 << 16
_BODY, _GRAMS = 0, 1  # parts of a chunk's features, in the order of `Features.everything`
_PARTS = 5
_DEFAULT = Weights()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Parts and sum for each candidate, in the order they were given; `order` is best first."""

    score: Floats
    bm: Floats
    phrases: Floats
    vector: Floats
    coverage: Floats
    order: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Near:
    """Cosines of a question with some passages. `sentence` is that of the nearest sentence in each."""

    rare: Floats
    heading: Floats
    sentence: Floats


def rank(
    query: Analysed,
    candidates: Sequence[Features],
    vectors: Floats,
    sketch: Sketch,
    weights: Weights = _DEFAULT,
) -> Ranking:
    """`vectors` holds the cosine of each candidate with the question."""
    found = _Matches(query, candidates)
    bm = _bm25f(query, found, sketch)
    phrases = _phrases(query, found)
    coverage = _coverage(query, found)
    score = _words(bm, phrases, coverage, weights) + weights.vector * over(vectors)
    order = np.argsort(-score, kind="stable")
    return Ranking(score, bm, phrases, vectors, coverage, order)


def refine(ranking: Ranking, best: NDArray[np.int64], near: Near, weights: Weights) -> Floats:
    """Scores of the `best` candidates after a second look, in the order of `best`."""
    parts = (
        (weights.mean, ranking.vector[best]),
        (weights.rare, near.rare),
        (weights.heading, near.heading),
        (weights.sentence, near.sentence),
    )
    score = _words(ranking.bm, ranking.phrases, ranking.coverage, weights)[best]
    for weight, cosines in parts:
        score = score + np.float32(weight) * over(cosines)
    return score


def _words(bm: Floats, phrases: Floats, coverage: Floats, weights: Weights) -> Floats:
    """What words say, keywords counting 1."""
    top = float(bm.max(initial=0.0))
    score: Floats = (_over(bm, top) + weights.phrases * _over(phrases, top)).astype(np.float32)
    return score + np.float32(weights.coverage) * coverage


def over(values: Floats) -> Floats:
    """Values over the greatest of them; what is below zero counts nothing."""
    positive = np.maximum(values, 0)
    return _over(positive, float(positive.max(initial=0.0)))


def covered(query: Analysed, candidates: Sequence[Features]) -> float:
    """Share of the question's word weight that these candidates hold together, path aside."""
    total = float(query.word_weights.sum())
    if not total or not candidates:
        return 0.0
    seen = np.concatenate([np.concatenate([f.body, f.heading, f.title]) for f in candidates])
    return float(query.word_weights[np.isin(query.word_set, seen)].sum()) / total


class _Matches:
    """Every place where a term or word of the question stands, over all candidates end to end.

    `places` are ascending, so two words of one body are as far apart as their places. `term` and
    `word` index the question's terms and words, -1 where the place holds none.
    """

    def __init__(self, query: Analysed, candidates: Sequence[Features]) -> None:
        self.rows = len(candidates)
        self.lengths = np.array([f.lengths for f in candidates], dtype=np.int64).reshape(-1, _PARTS)
        self.body_terms = np.array([f.body_terms for f in candidates], dtype=np.int64)
        ids = np.concatenate([f.everything for f in candidates]) if candidates else _NOTHING
        wanted = np.union1d(query.term_ids, query.word_set)
        self.places, which = _find(ids, wanted)
        segment = np.searchsorted(np.cumsum(self.lengths), self.places, side="right")
        self.owner, self.part = segment // _PARTS, segment % _PARTS
        self.term = _index_of(wanted, query.term_ids)[which]
        self.word = _index_of(wanted, query.word_set)[which]


_NOTHING = np.zeros(0, dtype=np.uint32)


def _find(ids: Ids, wanted: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(places, index into `wanted`) of all matches. A small table rules out most ids at once."""
    table = np.zeros(_TABLE, dtype=bool)
    table[wanted & (_TABLE - 1)] = True
    maybe = np.flatnonzero(table[ids & (_TABLE - 1)])
    if not len(maybe):
        return maybe, maybe
    found = ids[maybe]
    at = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
    right = wanted[at] == found
    return maybe[right], at[right]


def _index_of(every: Ids, some: Ids) -> NDArray[np.int64]:
    """For each of `every` its index among `some`, or -1; both are sorted and `every` holds `some`."""
    index = np.full(len(every), -1, dtype=np.int64)
    index[np.searchsorted(every, some)] = np.arange(len(some))
    return index


def _bm25f(query: Analysed, found: _Matches, sketch: Sketch) -> Floats:
    terms = len(query.term_ids)
    used = found.term >= 0
    # Characters and pairs of the body are its terms like its stems: one field.
    field = np.maximum(found.part[used] - 1, 0)
    flat = (found.owner[used] * len(_FIELD_WEIGHTS) + field) * terms + found.term[used]
    shape = (found.rows, len(_FIELD_WEIGHTS), terms)
    counts = np.bincount(flat, minlength=found.rows * len(_FIELD_WEIGHTS) * terms).reshape(shape)
    lengths = np.column_stack([found.body_terms, found.lengths[:, 2:]])
    norms = np.array(_FIELD_WEIGHTS) / (1 - _B + _B * lengths / sketch.average_lengths())
    total = np.einsum("rft,rf->rt", counts, norms)
    scores: Floats = ((total * (_K1 + 1) / (total + _K1)) @ query.term_weights).astype(np.float32)
    return scores


def _phrases(query: Analysed, found: _Matches) -> Floats:
    """Weights of the question's word pairs that stand together, in order and nearby, once each."""
    size = len(query.word_set)
    weights = np.zeros(found.rows, dtype=np.float32)
    used = (found.word >= 0) & (found.part == _BODY)
    places, which, owners = found.places[used], found.word[used], found.owner[used]
    if len(query.words) < 2 or len(places) < 2:
        return weights
    in_order, nearby = _pairs(query)
    hits: list[NDArray[np.int64]] = []
    for step in range(1, _NEAR + 1):
        left, right = which[:-step], which[step:]
        apart = places[step:] - places[:-step]
        same = (owners[step:] == owners[:-step]) & (apart <= _NEAR)
        ordered = same & (apart == 1) & in_order[left, right]
        close = same & nearby[left, right]
        low, high = np.minimum(left, right), np.maximum(left, right)
        hits.append(((owners[:-step] * 2) * size + left)[ordered] * size + right[ordered])
        hits.append(((owners[:-step] * 2 + 1) * size + low)[close] * size + high[close])
    once = np.unique(np.concatenate(hits))
    first, second = (once // size) % size, once % size
    np.add.at(weights, once // (2 * size * size), query.word_weights[first] + query.word_weights[second])
    return weights


def _pairs(query: Analysed) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which words follow each other in the question, and which stand near (either order)."""
    size = len(query.word_set)
    at = np.searchsorted(query.word_set, query.words)
    in_order = np.zeros((size, size), dtype=bool)
    nearby = np.zeros((size, size), dtype=bool)
    in_order[at[:-1], at[1:]] = True
    for step in range(1, _NEAR + 1):
        nearby[at[:-step], at[step:]] = nearby[at[step:], at[:-step]] = True
    np.fill_diagonal(nearby, False)
    return in_order, nearby


def _coverage(query: Analysed, found: _Matches) -> Floats:
    """Share of the question's word weight found in any field."""
    seen = np.zeros((found.rows, len(query.word_set)), dtype=bool)
    used = (found.word >= 0) & (found.part != _GRAMS)
    seen[found.owner[used], found.word[used]] = True
    total = float(query.word_weights.sum()) or 1.0
    return (seen @ query.word_weights) / np.float32(total)


def _over(values: Floats, top: float) -> Floats:
    return values / np.float32(top) if top > 0 else np.zeros_like(values)
