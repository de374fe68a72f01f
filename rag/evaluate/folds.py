"""Folds by what the questions are about, so that nothing is learned of a document and then tried on it."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.evaluate import bootstrap
from rag.evaluate.bootstrap import Figure, Floats

Ints = NDArray[np.int64]


def number(names: Sequence[Hashable]) -> Ints:
    """Groups by number, in order of their first appearance."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)


def split(groups: Ints, count: int, seed: int = 0) -> Ints:
    """The fold of each question; each seed gives another split. Groups stay whole, and the larger ones are
    put into the emptiest fold first, so folds are about as large.
    """
    sizes = np.bincount(groups)
    order = np.argsort(-sizes * np.random.default_rng(seed).uniform(0.5, 1.0, len(sizes)), kind="stable")
    filled, folds = np.zeros(count, np.int64), np.zeros(len(sizes), np.int64)
    for group in order:
        folds[group] = filled.argmin()
        filled[folds[group]] += sizes[group]
    found: Ints = folds[groups]
    return found


def mean(values: Floats, groups: Ints) -> Figure:
    """The mean over all questions. Groups are resampled, not questions: those of a group are alike."""
    sums, counts = np.bincount(groups, values), np.bincount(groups)

    def statistic(drawn: Floats) -> Floats:
        found: Floats = (drawn @ sums) / (drawn @ counts)
        return found

    found = bootstrap.figure(statistic, len(counts), counted=len(values))
    assert found is not None, "there are questions"
    return found
