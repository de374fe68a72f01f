"""Passages that say the same in the same words: one of them is enough for an answer."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from rag.features import Features

_SAME = 0.95  # Jaccard index of the words
_MARKS, _SHARED = 16, 8
_FIGURES = re.compile(r"\d+")


def distinct(order: Sequence[int], features: Mapping[int, Features], texts: Mapping[int, str]) -> list[int]:
    """`order` less those that repeat an earlier one.

    Passages with different figures are never the same: an old and a new rule may differ in one.
    """
    kept: list[int] = []
    marks = {i: _mark(features[i]) for i in order}
    for i in order:
        near = (j for j in kept if len(marks[i] & marks[j]) >= min(_SHARED, len(marks[i])) > 0)
        if not any(_same(features[i], features[j], texts[i], texts[j]) for j in near):
            kept.append(i)
    return kept


def _mark(features: Features) -> frozenset[int]:
    """The least few words: passages that share less than half of them are not the same (Broder 1997)."""
    words = features.body
    few = np.partition(words, _MARKS)[:_MARKS] if len(words) > _MARKS else words
    return frozenset(few.tolist())


def _same(first: Features, second: Features, text: str, other: str) -> bool:
    words, others = np.unique(first.body), np.unique(second.body)
    shared = len(np.intersect1d(words, others, assume_unique=True))
    if shared < _SAME * (len(words) + len(others) - shared):
        return False
    return _FIGURES.findall(text) == _FIGURES.findall(other)
