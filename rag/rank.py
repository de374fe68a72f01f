"""Order candidates by fields, phrases, coverage and vectors; pure, the same on every store.

score = bm/max + .25 phrases/max(bm) + .35 vector/max + .15 coverage, each over the maximum among
the candidates: a sum of scores keeps what a strong ranker knows, reciprocal ranks lose it where
one of the rankers is weak.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.catalog.sketch import Sketch
from rag.features import Features, Ids
from rag.query import Analysed

Floats = NDArray[np.float32]

_K1, _B = 0.9, 0.4
_FIELD_WEIGHTS = (1.0, 1.0, 1.0, 0.5)  # body, heading, title, path
_PHRASES, _VECTOR, _COVERAGE = 0.25, 0.35, 0.15
_NEAR = 3  # words apart, at most, to count as near
_TABLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Ranking:
    """Parts and sum for each candidate, in the order they were given; `order` is best first."""

    score: Floats
    bm: Floats
    phrases: Floats
    vector: Floats
    coverage: Floats
    order: NDArray[np.int64]


def rank(query: Analysed, candidates: Sequence[Features], vectors: Floats, sketch: Sketch) -> Ranking:
    """`vectors` holds the cosine of each candidate with the question."""
    bodies = _Field([f.body for f in candidates])
    words = _Lookup(query.word_set)
    bm = _bm25f(query, candidates, bodies, sketch)
    phrases = _phrases(query, bodies, words)
    coverage = _coverage(query, candidates, bodies, words)
    top = float(bm.max(initial=0.0))
    parts = (_over(bm, top), _over(phrases, top), _over(np.maximum(vectors, 0), None), coverage)
    score = parts[0] + _PHRASES * parts[1] + _VECTOR * parts[2] + _COVERAGE * parts[3]
    order = np.argsort(-score, kind="stable")
    return Ranking(score, bm, phrases, vectors, coverage, order)


def covered(query: Analysed, candidates: Sequence[Features]) -> float:
    """Share of the question's word weight that these candidates hold together, path aside."""
    total = float(query.word_weights.sum())
    if not total or not candidates:
        return 0.0
    seen = np.concatenate([np.concatenate([f.body, f.heading, f.title]) for f in candidates])
    return float(query.word_weights[np.isin(query.word_set, seen)].sum()) / total


class _Field:
    """One field of all candidates end to end, with the owner of each id."""

    def __init__(self, parts: Sequence[Ids]) -> None:
        self.ids = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint32)
        self.lengths = np.array([len(part) for part in parts], dtype=np.int64)
        self.owners = np.repeat(np.arange(len(parts)), self.lengths)


class _Lookup:
    """Finds which of a few ids stands at each place of a long array."""

    def __init__(self, wanted: Ids) -> None:
        self._wanted = wanted
        self._table = np.zeros(_TABLE, dtype=bool)
        self._table[wanted & (_TABLE - 1)] = True

    def find(self, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(places, index into the wanted ids) of all matches, in order of place."""
        maybe = np.flatnonzero(self._table[ids & (_TABLE - 1)])
        if not len(maybe):
            return maybe, maybe
        found = ids[maybe]
        at = np.minimum(np.searchsorted(self._wanted, found), len(self._wanted) - 1)
        right = self._wanted[at] == found
        return maybe[right], at[right]


def _bm25f(query: Analysed, candidates: Sequence[Features], bodies: _Field, sketch: Sketch) -> Floats:
    terms = _Lookup(query.term_ids)
    grams = _Field([f.grams for f in candidates])
    fields = (
        (bodies, grams),
        (_Field([f.heading for f in candidates]),),
        (_Field([f.title for f in candidates]),),
        (_Field([f.path for f in candidates]),),
    )
    total = np.zeros((len(candidates), len(query.term_ids)), dtype=np.float32)
    for field, weight, average in zip(fields, _FIELD_WEIGHTS, sketch.average_lengths(), strict=True):
        counts = sum(_counts(part, terms, len(candidates), len(query.term_ids)) for part in field)
        length = _bm_length(*field) if len(field) > 1 else field[0].lengths
        total += weight * counts / (1 - _B + _B * length / average)[:, None].astype(np.float32)
    return (total * (_K1 + 1) / (total + _K1)) @ query.term_weights


def _bm_length(bodies: _Field, grams: _Field) -> NDArray[np.int64]:
    """Dictionary words are in the body for phrases only: they have no length."""
    plain = np.bincount(bodies.owners[bodies.ids < (1 << 31)], minlength=len(bodies.lengths))
    return plain + grams.lengths


def _counts(field: _Field, terms: _Lookup, rows: int, columns: int) -> Floats:
    places, which = terms.find(field.ids)
    flat = field.owners[places] * columns + which
    return np.bincount(flat, minlength=rows * columns).reshape(rows, columns).astype(np.float32)


def _phrases(query: Analysed, bodies: _Field, words: _Lookup) -> Floats:
    """Weights of the question's word pairs that stand together, in order and nearby, once each."""
    size = len(query.word_set)
    found = np.zeros(len(bodies.lengths), dtype=np.float32)
    if len(query.words) < 2:
        return found
    in_order, nearby = _pairs(query)
    places, which = words.find(bodies.ids)
    owners = bodies.owners[places]
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
    weight = query.word_weights[first] + query.word_weights[second]
    np.add.at(found, once // (2 * size * size), weight)
    return found


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


def _coverage(query: Analysed, candidates: Sequence[Features], bodies: _Field, words: _Lookup) -> Floats:
    """Share of the question's word weight found in any field."""
    seen = np.zeros((len(candidates), len(query.word_set)), dtype=bool)
    others = _Field([np.concatenate([f.heading, f.title, f.path]) for f in candidates])
    for field in (bodies, others):
        places, which = words.find(field.ids)
        seen[field.owners[places], which] = True
    total = float(query.word_weights.sum()) or 1.0
    return (seen @ query.word_weights) / np.float32(total)


def _over(values: Floats, top: float | None) -> Floats:
    most = float(values.max(initial=0.0)) if top is None else top
    return values / np.float32(most) if most > 0 else np.zeros_like(values)
