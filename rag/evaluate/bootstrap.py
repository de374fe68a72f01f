"""Intervals by resampling the questions (Efron 1979): 95 %, percentile method, seeded.

A resample is a row of weights: how often each question was drawn. Every statistic is written over
such rows, so the figures of one run share their resamples, and so do two runs over the same questions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Statistic = Callable[[Floats], Floats]

RESAMPLES = 2000
_BATCH = 2_000_000  # draws at a time: bounds the memory, whatever the number of questions
_ENDS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over `n` questions with the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@lru_cache(maxsize=4)
def weights(n: int, seed: int = 0) -> Floats:
    """(RESAMPLES, n): how often each of `n` questions was drawn; equal for equal arguments. Read only."""
    made = np.empty((RESAMPLES, n), np.float32)
    rng = np.random.default_rng(seed)
    step = max(1, _BATCH // max(n, 1))
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        drawn = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
        made[start : start + rows] = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
    made.flags.writeable = False
    return made


def figure(statistic: Statistic, n: int, *, counted: int | None = None, seed: int = 0) -> Figure | None:
    """A statistic of `n` questions; `counted` of them are told as its `n`. None where it has no value.

    `statistic` maps weights (b, n) to values (b,); NaN where a resample has none.
    """
    if not n:
        return None
    value = float(statistic(np.ones((1, n)))[0])
    if np.isnan(value):
        return None
    low, high = np.nanquantile(statistic(weights(n, seed)), _ENDS)
    return Figure(value, float(low), float(high), n if counted is None else counted)


def means(values: Floats, *, seed: int = 0) -> list[Figure | None]:
    """The mean of each column of (questions, measures); NaN where a question does not have the measure."""
    n, width = values.shape
    if not n:
        return [None] * width
    held = ~np.isnan(values)
    filled = np.where(held, values, 0.0)
    drawn = weights(n, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        again = (drawn @ filled.astype(np.float32)) / (drawn @ held.astype(np.float32))
        straight = filled.sum(axis=0) / held.sum(axis=0)
    return [_of_column(straight[i], again[:, i], int(held[:, i].sum())) for i in range(width)]


def mean(values: Sequence[float], *, seed: int = 0) -> Figure | None:
    """The mean of some values, one a question; for differences of pairs it is the paired bootstrap."""
    return means(np.array(values, float).reshape(-1, 1), seed=seed)[0]


def quantile(values: Sequence[float], q: float, *, seed: int = 0) -> Figure | None:
    """The smallest value that at least a share `q` of the values does not exceed."""
    ordered = np.sort(np.array(values, float))

    def statistic(drawn: Floats) -> Floats:
        reached = np.cumsum(drawn, axis=1) >= q * drawn.sum(axis=1, keepdims=True) - 1e-6
        found: Floats = ordered[reached.argmax(axis=1)]
        return found

    return figure(statistic, len(ordered), seed=seed)


def _of_column(value: float, again: Floats, n: int) -> Figure | None:
    if not n:
        return None
    low, high = np.nanquantile(again, _ENDS)
    return Figure(float(value), float(low), float(high), n)
