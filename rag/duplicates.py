"""Passages that say the same in the same words: one of them is enough for an answer."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from rag.features import Features

_SAME = 0.95  # Jaccard index of the words
_FIGURES = re.compile(r"\d+")


def distinct(order: Sequence[int], features: Mapping[int, Features], texts: Mapping[int, str]) -> list[int]:
    """`order` less those that repeat an earlier one.

    Passages with different figures are never the same: an old and a new rule may differ in one.
    """
    kept: list[int] = []
    words = {i: len(features[i].body) for i in order}
    for i in order:
        near = (j for j in kept if _alike(words[i], words[j]))
        if not any(_same(features[i], features[j], texts[i], texts[j]) for j in near):
            kept.append(i)
    return kept


def _alike(first: int, second: int) -> bool:
    return min(first, second) >= _SAME * max(first, second) > 0


def _same(first: Features, second: Features, text: str, other: str) -> bool:
    words, others = np.unique(first.body), np.unique(second.body)
    shared = len(np.intersect1d(words, others, assume_unique=True))
    if shared < _SAME * (len(words) + len(others) - shared):
        return False
    return _FIGURES.findall(text) == _FIGURES.findall(other)
