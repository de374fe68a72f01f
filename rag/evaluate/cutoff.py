"""How much evidence is enough in a collection: fitted to questions that can and cannot be answered."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.evaluate import bootstrap, folds
from rag.evaluate.bootstrap import Figure, Floats

FEWEST_UNANSWERABLE = 20  # fewer say nothing of where they lie
_Sums = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Questions to one collection: raw sums of evidence, whether each can be answered, its group."""

    raw: _Sums
    answerable: _Bools
    groups: folds.Ints

    @property
    def tells_apart(self) -> bool:
        """Whether enough of them cannot be answered."""
        return int((~self.answerable).sum()) >= FEWEST_UNANSWERABLE

    def of(self, rows: _Bools) -> "Labelled":
        """Some of the questions."""
        return Labelled(self.raw[rows], self.answerable[rows], self.groups[rows])


@dataclass(frozen=True, slots=True)
class Decided:
    """What a threshold does. `right` counts both sorts half; None where only one is labelled."""

    refused_answerable: Figure
    refused_unanswerable: Figure | None
    right: Figure | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A threshold fitted to all questions. `after` is each question decided by the threshold of the
    other folds; `difference` is of `right`. `wanted` is the share of answerable questions refused.
    """

    threshold: float
    default: float
    wanted: float
    before: Decided
    after: Decided
    difference: Figure | None

    @property
    def is_kept(self) -> bool:
        """Better decisions outside its fold. Where only answerable questions tell: a share of them refused
        that is nearer the wanted one, and a default that surely refuses another share.
        """
        if self.difference is not None:
            return self.difference.low > 0
        before, after = self.before.refused_answerable, self.after.refused_answerable
        is_nearer = abs(after.value - self.wanted) < abs(before.value - self.wanted)
        return is_nearer and not before.low <= self.wanted <= before.high


def cross_validated(some: Labelled, default: float, wanted: float, count: int) -> Fitted:
    """A threshold for these questions, tried in so many folds that leave the groups whole."""
    fold = folds.split(some.groups, count)
    tried = np.zeros(len(fold))
    for held in range(count):
        tried[fold == held] = fit(some.of(fold != held), wanted, apart=some.tells_apart)
    answered = (some.raw >= default, some.raw >= tried)
    before, after = (_decided(some, one) for one in answered)
    difference = _difference(some, *answered) if some.tells_apart else None
    return Fitted(fit(some, wanted, apart=some.tells_apart), default, wanted, before, after, difference)


def fit(some: Labelled, wanted: float, *, apart: bool) -> float:
    """The highest threshold that refuses at most a share `wanted` of the answerable; `apart` from the
    others, it is the one up to there that decides best, both sorts counting half.
    """
    yes = np.sort(some.raw[some.answerable])
    most = int(wanted * len(yes) + 1e-9)
    no = np.sort(some.raw[~some.answerable])
    if not apart or not len(no):
        return _between(yes, most)
    tried = np.array([_between(yes, refused) for refused in range(most + 1)])
    right = np.searchsorted(no, tried) / len(no) - np.arange(most + 1) / len(yes)
    return float(tried[right.argmax()])


def _between(ordered: _Sums, refused: int) -> float:
    """A threshold below which so many lie, half way to the next."""
    last = ordered[refused - 1] if refused else ordered[0]
    return math.floor(5_000 * float(last + ordered[refused])) / 10_000


def _decided(some: Labelled, answered: _Bools) -> Decided:
    yes, no = some.answerable, ~some.answerable
    refused = (~answered).astype(float)
    return Decided(
        _share(refused[yes], some.groups[yes]),
        _share(refused[no], some.groups[no]) if no.any() else None,
        _balanced(some, (answered == yes).astype(float)) if some.tells_apart else None,
    )


def _share(values: Floats, groups: folds.Ints) -> Figure:
    """A share of the questions, its interval wide enough for what none of so few shows (`_difference`)."""
    numbers = folds.number(groups.tolist())
    more = np.append(numbers, numbers.max() + 1 + np.arange(2))
    found, wider = folds.mean(values, numbers), folds.mean(np.append(values, [0, 1]), more)
    return replace(found, low=wider.low, high=wider.high)


def _difference(some: Labelled, before: _Bools, after: _Bools) -> Figure | None:
    """Of the right decisions. The interval is drawn with one question more of each sort that changed for
    the better and one for the worse (compare Agresti and Min 2005): a change that none of so few
    questions shows has not been ruled out.
    """
    yes, groups = some.answerable, some.groups
    values = (after == yes).astype(float) - (before == yes)
    more = Labelled(
        np.append(some.raw, np.zeros(4)),
        np.append(yes, [True, True, False, False]),
        np.append(groups, groups.max() + 1 + np.arange(4)),
    )
    found, wider = _balanced(some, values), _balanced(more, np.append(values, [1, -1, 1, -1]))
    return replace(found, low=wider.low, high=wider.high) if found and wider else None


def _balanced(some: Labelled, values: Floats) -> Figure | None:
    """The mean over the answerable and that over the others, each counting half; groups are resampled."""
    yes, groups = some.answerable, some.groups
    size = int(groups.max()) + 1
    sums = [np.bincount(groups[one], values[one], size) for one in (yes, ~yes)]
    counts = [np.bincount(groups[one], minlength=size) for one in (yes, ~yes)]

    def statistic(drawn: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            first, second = (drawn @ s / (drawn @ n) for s, n in zip(sums, counts, strict=True))
        found: Floats = (first + second) / 2
        return found

    return bootstrap.figure(statistic, size, counted=len(values))
