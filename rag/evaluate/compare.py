"""Two runs side by side: the same questions, paired, and what the difference can bear.

Differences are of each question with itself, so what makes questions hard in both runs cancels out
(paired bootstrap). A difference is `better` or `worse` only where its 95 % interval leaves out zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from rag.evaluate import bootstrap
from rag.evaluate.bootstrap import Figure, Floats
from rag.evaluate.summary import NAMES
from rag.evaluate.types import Row, Run

Mark = Literal["better", "worse", "no difference shown", "too few questions"]
Pair = tuple[Row, Row]

MAIN = ("hit", "answer_recall", "decision", "correct")
FEWEST = 20  # questions; an interval over fewer is too narrow to be believed
_ALWAYS_OTHER = frozenset({"started", "files", "count", "home"})  # says nothing of the answers
LOWER_IS_BETTER = frozenset({"seconds", "tokens", "errors"})


@dataclass(frozen=True, slots=True)
class Change:
    """A measure over the pairs that have it in both runs. `difference` is after minus before."""

    measure: str
    before: float
    after: float
    difference: Figure
    mark: Mark

    @property
    def matters(self) -> bool:
        """True for the main measures, and for what moved."""
        return self.measure in MAIN or self.mark in ("better", "worse")


@dataclass(frozen=True, slots=True)
class Shift:
    """A question whose main measures moved: `moved` maps each to (before, after).

    `gain` is their sum over the main measures, negative for what got worse.
    """

    before: Row
    after: Row
    moved: Mapping[str, tuple[float, float]]
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`by` maps `language`, `kind` and `collection` to names to changes, for parts of `FEWEST` and more.

    `only_before` and `only_after` are ids of questions that have no partner. `better` and `worse`
    hold the largest shift first. `header` is what the headers say differently: documents, version,
    settings; each as (before, after).
    """

    pairs: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    overall: tuple[Change, ...]
    by: Mapping[str, Mapping[str, tuple[Change, ...]]] = field(default_factory=dict)
    better: tuple[Shift, ...] = ()
    worse: tuple[Shift, ...] = ()
    header: Mapping[str, tuple[object, object]] = field(default_factory=dict)

    @property
    def is_worse(self) -> bool:
        """True when one of the main measures is worse over all questions."""
        return any(change.measure in MAIN and change.mark == "worse" for change in self.overall)

    @property
    def is_too_small(self) -> bool:
        """True when not one main measure has enough questions to be marked."""
        return all(change.mark == "too few questions" for change in self.overall if change.measure in MAIN)


def compare(before: Run, after: Run, *, seed: int = 0) -> Comparison:
    """The runs over the questions of both."""
    pairs = paired(before, after)
    shared = {_identity(row) for row, _ in pairs}
    shifts = [_shift(*pair) for pair in pairs]
    return Comparison(
        pairs=len(pairs),
        only_before=tuple(row.case.id for row in before.rows if _identity(row) not in shared),
        only_after=tuple(row.case.id for row in after.rows if _identity(row) not in shared),
        overall=changes(pairs, seed=seed),
        by={name: _parts(pairs, key, seed) for name, key in _KEYS.items()},
        better=tuple(sorted((s for s in shifts if s.gain > 0), key=lambda s: -s.gain)),
        worse=tuple(sorted((s for s in shifts if s.gain < 0), key=lambda s: s.gain)),
        header=_header(before.about, after.about),
    )


def paired(before: Run, after: Run) -> list[Pair]:
    """The rows of both runs, sorted by id; a question is the same when its id and its words are."""
    first, second = ({_identity(row): row for row in run.rows} for run in (before, after))
    return [(first[key], second[key]) for key in sorted(first.keys() & second.keys())]


def changes(pairs: Sequence[Pair], *, seed: int = 0) -> tuple[Change, ...]:
    """Every measure that some pair has in both rows, the main ones first."""
    first = [_numbers(before) for before, _ in pairs]
    second = [_numbers(after) for _, after in pairs]
    names = _ordered(
        {name for old, new in zip(first, second, strict=True) for name in old.keys() & new.keys()}
    )
    old, new = _matrix(first, names), _matrix(second, names)
    differences = bootstrap.means(new - old, seed=seed)
    made = (_change(name, old[:, i], new[:, i], differences[i]) for i, name in enumerate(names))
    return tuple(change for change in made if change)


def _header(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    old, new = _flat(before), _flat(after)
    names = [name for name in {**old, **new} if name not in _ALWAYS_OTHER]
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def _flat(about: Mapping[str, object]) -> dict[str, object]:
    """The header with its settings beside the rest."""
    settings = about.get("settings")
    return {**about, **settings, "settings": None} if isinstance(settings, Mapping) else dict(about)


def _matrix(measured: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    """(questions, measures), NaN where a question does not have the measure."""
    rows = [[numbers.get(name, np.nan) for name in names] for numbers in measured]
    return np.array(rows, float).reshape(len(measured), len(names))


def _change(measure: str, old: Floats, new: Floats, difference: Figure | None) -> Change | None:
    if difference is None:
        return None
    both = ~np.isnan(new - old)
    return Change(
        measure, float(old[both].mean()), float(new[both].mean()), difference, _mark(measure, difference)
    )


def _mark(measure: str, difference: Figure) -> Mark:
    if difference.n < FEWEST:
        return "too few questions"
    if difference.low <= 0 <= difference.high:
        return "no difference shown"
    return "better" if (difference.low > 0) is (measure not in LOWER_IS_BETTER) else "worse"


def _shift(before: Row, after: Row) -> Shift:
    """A failure to ask counts as the loss, or the gain, of every main measure that the other row has."""
    first, second = before.measures, after.measures
    names = [name for name in MAIN if name in first or name in second]
    if not (before.error or after.error):
        names = [name for name in names if name in first and name in second]
    values = {name: (first.get(name, 0.0), second.get(name, 0.0)) for name in names}
    moved = {name: (old, new) for name, (old, new) in values.items() if old != new}
    return Shift(before, after, moved, sum(new - old for old, new in moved.values()))


def _parts(pairs: Sequence[Pair], key: Callable[[Row], str], seed: int) -> dict[str, tuple[Change, ...]]:
    """The changes of each part; none where all questions are in the same."""
    names = sorted({key(before) for before, _ in pairs} - {""})
    parts = {name: [pair for pair in pairs if key(pair[0]) == name] for name in names}
    return {
        name: changes(part, seed=seed) for name, part in parts.items() if FEWEST <= len(part) < len(pairs)
    }


def _numbers(row: Row) -> dict[str, float]:
    """The measures of a row, with those that every row has."""
    if row.error:
        return {"errors": 1.0}
    return {**row.measures, "seconds": row.seconds, "tokens": float(row.tokens), "errors": 0.0}


def _ordered(names: set[str]) -> list[str]:
    known = [name for name in dict.fromkeys((*MAIN, *NAMES)) if name in names]
    return known + sorted(names - set(known))


def _identity(row: Row) -> tuple[str, str]:
    return row.case.id, row.case.question


_KEYS: Mapping[str, Callable[[Row], str]] = {
    "language": lambda row: row.case.language,
    "kind": lambda row: row.case.kind,
    "collection": lambda row: row.collection,
}
