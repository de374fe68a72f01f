"""How well the evidence tells which questions can be answered, and which answers are right.

Statistics over rows of weights (see `bootstrap`), on questions in descending order of evidence.
Questions of equal evidence are answered together or not at all: no threshold parts them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.evaluate.bootstrap import Figure, Floats, figure

MOST_WRONG = 0.05  # of the answered


def auroc(evidence: Sequence[float], answerable: Sequence[bool]) -> Figure | None:
    """The chance that an answerable question has more evidence than one that is not; ties count half.

    None unless there are questions of both sorts.
    """
    order, groups = _grouped(evidence)
    yes = np.array(answerable, float)[order]

    def statistic(drawn: Floats) -> Floats:
        above = _sums(drawn[:, order] * yes, groups)
        below = _sums(drawn[:, order] * (1 - yes), groups)
        beaten = below.sum(axis=1, keepdims=True) - np.cumsum(below, axis=1)  # less evidence than the group
        pairs = above.sum(axis=1) * below.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            won: Floats = (above * (beaten + below / 2)).sum(axis=1) / pairs
        return won

    return figure(statistic, len(evidence))


def coverage(
    evidence: Sequence[float], wrong: Sequence[bool], most_wrong: float = MOST_WRONG
) -> Figure | None:
    """The largest share of questions that can be answered, those with most evidence first, such that
    at most `most_wrong` of the answered are wrong; 0 where there is none.
    """
    order, groups = _grouped(evidence)
    bad = np.array(wrong, float)[order]

    def statistic(drawn: Floats) -> Floats:
        answered = np.cumsum(_sums(drawn[:, order], groups), axis=1)
        failed = np.cumsum(_sums(drawn[:, order] * bad, groups), axis=1)
        allowed = failed <= most_wrong * answered + 1e-6
        share: Floats = (answered * allowed).max(axis=1) / answered[:, -1]
        return share

    return figure(statistic, len(evidence))


def curve(evidence: Sequence[float], wrong: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """(share of questions answered, share of those that are wrong) for every threshold, rising coverage."""
    if not evidence:
        return ()
    order, groups = _grouped(evidence)
    ones = np.ones((1, len(order)))
    answered = np.cumsum(_sums(ones, groups), axis=1)[0]
    failed = np.cumsum(_sums(ones * np.array(wrong, float)[order], groups), axis=1)[0]
    return tuple(
        (float(some / len(order)), float(bad / some)) for some, bad in zip(answered, failed, strict=True)
    )


def _grouped(evidence: Sequence[float]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order of descending evidence, and where in it each group of equal evidence begins."""
    values = np.array(evidence, float)
    order = np.argsort(-values, kind="stable")
    changes = np.flatnonzero(np.diff(values[order])) + 1
    return order, np.concatenate(([0], changes)) if len(values) else changes


def _sums(drawn: Floats, groups: NDArray[np.intp]) -> Floats:
    found: Floats = np.add.reduceat(drawn, groups, axis=1, dtype=np.float64)
    return found
