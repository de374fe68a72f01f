"""What a run must reach: figures and their limits from a TOML file.

A limit at the top is for all questions; `[zh]` or `[en]` for a language, `[collection.NAME]` and
`[kind.NAME]` for some of them. Most figures must not be below their limit; of the few in
`LOWER_IS_BETTER` they must not be above.
"""

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import BadInput
from rag.evaluate.summary import LOWER_IS_BETTER, NAMES, Group, Summary

_LANGUAGES = ("en", "zh")
_SUCH = 'a line such as: hit = 0.6, or "hit@1000" = 0.4'
_KEYS = ("language", "kind", "collection")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit for one figure of the questions whose `key` is `value`; of all, where `key` is ''."""

    name: str
    limit: float
    key: str = ""
    value: str = ""

    @property
    def title(self) -> str:
        """`hit`, or `hit of collection handbook`."""
        return f"{self.name} of {self.key} {self.value}" if self.key else self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """A threshold and what was reached; None where nothing measures it."""

    threshold: Threshold
    reached: float | None

    @property
    def passed(self) -> bool:
        """A figure that is not there does not pass."""
        if self.reached is None:
            return False
        if self.threshold.name in LOWER_IS_BETTER:
            return self.reached <= self.threshold.limit
        return self.reached >= self.threshold.limit

    @property
    def said(self) -> str:
        """One line for a person."""
        one = self.threshold
        if self.reached is None:
            return f"{one.title} is not measured by these questions; expected {one.limit:g}"
        compared = "at most" if one.name in LOWER_IS_BETTER else "at least"
        return f"{one.title} is {self.reached:.3f}; expected {compared} {one.limit:g}"


def read(path: Path) -> tuple[Threshold, ...]:
    """The thresholds of a file. `BadInput` names what it does not know, and what there is."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}", hint="give the path of a TOML file of limits") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}", hint=_SUCH) from error
    made = tuple(_of_table(path, found))
    if not made:
        raise BadInput(f"{path} has no thresholds", hint=_SUCH)
    return made


def check(thresholds: Sequence[Threshold], summary: Summary) -> tuple[Outcome, ...]:
    """What was reached of each."""
    return tuple(Outcome(one, _reached(one, summary)) for one in thresholds)


def _of_table(path: Path, table: Mapping[str, Any]) -> Iterator[Threshold]:
    for name, value in table.items():
        if not isinstance(value, Mapping):
            yield _threshold(path, name, value)
        elif name in _LANGUAGES:
            yield from _of_group(path, "language", name, value)
        elif name in _KEYS:
            for group, limits in value.items():
                yield from _of_group(path, name, group, limits)
        else:
            raise BadInput(f"{path}: [{name}] is no group; expected en, zh, collection.NAME or kind.NAME")


def _of_group(path: Path, key: str, value: str, limits: object) -> Iterator[Threshold]:
    if not isinstance(limits, Mapping):
        raise BadInput(
            f"{path}: {value!r} in [{key}] is no group; expected [{key}.{value}] with limits in it"
        )
    for name, limit in limits.items():
        yield _threshold(path, name, limit, key, value)


def _threshold(path: Path, name: str, limit: object, key: str = "", value: str = "") -> Threshold:
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise BadInput(f"{path}: no figure named {name!r}; there are {', '.join(NAMES)}", hint=meant)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit):
        raise BadInput(f"{path}: {name} is {limit!r}; expected a number")
    return Threshold(name, float(limit), key, value)


def _reached(one: Threshold, summary: Summary) -> float | None:
    group: Group | None = summary.by[one.key].get(one.value) if one.key else summary.overall
    figure = group.figures.get(one.name) if group else None
    return figure.value if figure else None
