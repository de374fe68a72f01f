"""Weights that rank the gold passages best, and how good they are where they were not fitted.

Coordinate ascent (Metzler and Croft 2007) from the defaults: a step is taken while it raises the mean
quality by more than its distance from the defaults costs. A few hundred questions bear no more.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.evaluate import folds, parts
from rag.evaluate.bootstrap import Figure
from rag.evaluate.parts import Parts
from rag.weights import Weights

_SPLITS = 5  # into folds, averaged: on one alone a gain may be luck
_STEPS = (0.2, 0.1, 0.05)
_MOST = 1.5  # of any weight; keywords count 1
_PULL = 0.05  # cost of a squared distance: a weight .3 off costs a question in 220
_LEAST = 1e-6  # of a gain; sums of the same numbers differ by less


@dataclass(frozen=True, slots=True)
class Trial:
    """A figure under the defaults and under what was fitted to the other folds, and the paired difference."""

    before: Figure
    after: Figure
    difference: Figure

    @property
    def is_better(self) -> bool:
        """Whether the 95 % interval of the difference lies above zero."""
        return self.difference.low > 0


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights fitted to all questions; `trials` by name are what other questions may expect of them."""

    weights: Weights
    trials: dict[str, Trial]

    @property
    def is_kept(self) -> bool:
        """Whether they beat the defaults outside their fold."""
        return self.trials["both"].is_better


def cross_validated(some: Parts, groups: folds.Ints, count: int) -> Fitted:
    """Weights for these questions, tried in so many folds that leave the groups whole."""
    before = some.ranks(Weights())
    splits = [folds.split(groups, count, seed) for seed in range(_SPLITS)]
    after = np.stack([_held_out(some, split, count) for split in splits])
    measures = {"hit@5": parts.hits, "mrr@10": parts.reciprocals, "both": parts.quality}
    trials = {
        name: trial(measure(before), measure(after).mean(axis=0), groups)
        for name, measure in measures.items()
    }
    return Fitted(fit(some), trials)


def _held_out(some: Parts, split: folds.Ints, count: int) -> NDArray[np.float64]:
    """Ranks of all questions, each with weights fitted to the other folds."""
    found = np.zeros(len(split))
    for fold in range(count):
        rows = split == fold
        found[rows] = some.of(rows).ranks(fit(some.of(~rows)))
    return found


def trial(before: NDArray[np.float64], after: NDArray[np.float64], groups: folds.Ints) -> Trial:
    """Two figures of the same questions, side by side."""
    return Trial(*(folds.mean(values, groups) for values in (before, after, after - before)))


def fit(some: Parts) -> Weights:
    """Weights in steps of .05, from the defaults to the nearest place where no step helps."""
    best = (_value(some, Weights()), Weights())
    for step in _STEPS:
        before = None
        while best != before:
            before = best
            for name in some.tuned:
                best = _stepped(some, best, name, step)
    return best[1]


def _stepped(some: Parts, best: tuple[float, Weights], name: str, step: float) -> tuple[float, Weights]:
    """One weight moved up or down, if that helps."""
    for change in (step, -step):
        moved = round(getattr(best[1], name) + change, 2)
        if 0 <= moved <= _MOST:
            tried = replace(best[1], **{name: moved})
            if (value := _value(some, tried)) > best[0] + _LEAST:
                return value, tried
    return best


def _value(some: Parts, weights: Weights) -> float:
    default = Weights()
    far: float = sum((getattr(weights, name) - getattr(default, name)) ** 2 for name in some.tuned)
    return float(parts.quality(some.ranks(weights)).mean()) - _PULL * far
