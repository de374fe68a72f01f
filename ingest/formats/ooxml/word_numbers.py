"""Numbers that Word writes before headings and list items, counted as Word counts them."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.office.numerals import numeral
from ingest.formats.ooxml.package import WORD
from ingest.formats.ooxml.word_styles import value

BULLET = "-"
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: where it starts, how it counts, what it shows (`第%1条`)."""

    start: int
    way: str
    shown: str
    style: str


_UNKNOWN = _Level(1, "bullet", BULLET, "")


@dataclass(slots=True)
class Numbers:
    """The lists of a document and how far each has counted."""

    lists: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)  # numId: abstract, levels
    _counts: defaultdict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    _restarted: set[tuple[str, int]] = field(default_factory=set)
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)

    def level_of(self, number: str, style: str, said: str) -> int:
        """The level of a paragraph in its list: what it says, else the one bound to its style."""
        if said.isdecimal():
            return min(int(said), 8)
        levels = self.lists.get(number, ("", {}))[1]
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def mark(self, number: str, depth: int) -> str:
        """The number of the next item of a list at a depth, as it is shown; a dash for bullets."""
        abstract, levels = self.lists.get(number, ("", {}))
        level = levels.get(depth, _UNKNOWN)
        if level.way == "bullet":
            return BULLET
        counts = self._counts[abstract]
        self._step(number, depth, level, counts)

        def told(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = levels.get(at, _UNKNOWN)
            return numeral(counts.setdefault(at, other.start), other.way)

        return _PLACE.sub(told, level.shown).strip() if level.shown else ""

    def _step(self, number: str, depth: int, level: _Level, counts: dict[int, int]) -> None:
        key = (number, depth)
        if key in self.restarts and key not in self._restarted:
            self._restarted.add(key)
            counts[depth] = self.restarts[key]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]


def numbers(root: Any) -> Numbers:
    """The lists in `numbering.xml`; none when there is no such part."""
    made = Numbers()
    if root is None:
        return made
    abstract = {
        element.get(f"{WORD}abstractNumId") or "": _levels(element)
        for element in root.iter(f"{WORD}abstractNum")
    }
    for element in root.iter(f"{WORD}num"):
        key, base = element.get(f"{WORD}numId") or "", value(element, "abstractNumId")
        levels = dict(abstract.get(base, {}))
        for change in element.iter(f"{WORD}lvlOverride"):
            levels |= _levels(change)
            start = value(change, "startOverride")
            depth = change.get(f"{WORD}ilvl") or ""
            if start.isdecimal() and depth.isdecimal():
                made.restarts[key, int(depth)] = int(start)
        made.lists[key] = (base, levels)
    return made


def _levels(parent: Any) -> dict[int, _Level]:
    return {
        int(depth): _Level(
            int(start) if (start := value(element, "start")).isdecimal() else 0,
            value(element, "numFmt") or "decimal",
            value(element, "lvlText"),
            value(element, "pStyle"),
        )
        for element in parent.iter(f"{WORD}lvl")
        if (depth := element.get(f"{WORD}ilvl") or "").isdecimal()
    }
