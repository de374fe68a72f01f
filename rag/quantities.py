"""Quantities of a sentence: amounts of money, durations, shares, counts, dates and times of day.

Only a number with a unit or with a thing that it counts is one: numbers of sections, versions,
telephones and codes say nothing that another document could contradict.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.numerals import CHINESE, ENGLISH, FIGURES, LONGEST_CHINESE, MONTHS, value
from rag.remembered import remembered
from rag.words import stem


@dataclass(frozen=True, slots=True)
class Quantity:
    """`values` of one `kind` at `start`..`end` of the text; a range has two.

    Kinds: `hours` (every duration, in hours), `percent`, a currency's sign, `clock` (minutes since
    midnight), `day of month`, `date` (year, month, day; 0 where not said), `count of THING`.
    """

    kind: str
    values: tuple[float, ...]
    start: int
    end: int

    def differs(self, other: "Quantity") -> bool:
        """True when both are of one kind and cannot both be right of the same thing."""
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            both = zip(self.values, other.values, strict=True)
            return any(mine and theirs and mine != theirs for mine, theirs in both)
        if _overlap(self.values, other.values):
            return False
        return not any(_near(mine, theirs) for mine in self.values for theirs in other.values)


_ROUND = 0.1  # a month is four weeks or 30 days
_HOURS = {
    "second": 1 / 3600, "minute": 1 / 60, "hour": 1, "day": 24, "week": 168, "fortnight": 336,
    "month": 730.5, "quarter": 2191.5, "year": 8766,
    "秒": 1 / 3600, "分钟": 1 / 60, "小时": 1, "钟头": 1, "天": 24, "工作日": 24, "自然日": 24,
    "周": 168, "星期": 168, "月": 730.5, "年": 8766,
}  # fmt: skip
_SIGNS = {"£": "£", "$": "$", "€": "€", "¥": "¥", "￥": "¥"}
_MONEY = {
    "pound": "£", "gbp": "£", "dollar": "$", "usd": "$", "euro": "€", "eur": "€",
    "yuan": "¥", "rmb": "¥", "cny": "¥", "元": "¥", "块": "¥",
}  # fmt: skip
_NUMBER = rf"(?:{FIGURES}|\b(?:{'|'.join(word for word in ENGLISH if word not in ('zero', 'one'))})\b)"
_TO = r"\s?(?:-|–|—|~|～|to|and|or|至|到)\s?"
_MONTH = "|".join(f"{name}|{name[:3]}" for name in map(str.title, MONTHS))  # "may" is mostly a verb
_MONTH_STARTS = {name[:3]: number for name, number in MONTHS.items()}
_DATES = (
    re.compile(r"(?P<y>(?:19|20)\d\d)-(?P<m>0[1-9]|1[0-2])(?:-(?P<d>0[1-9]|[12]\d|3[01]))?(?![\d-])"),
    re.compile(rf"\b(?P<d>\d\d?)(?:st|nd|rd|th)?\s(?P<name>{_MONTH})\b\.?(?:,?\s(?P<y>(?:19|20)\d\d))?"),
    re.compile(
        rf"\b(?P<name>{_MONTH})\b\.?\s(?P<d>\d\d?)(?!\d)(?:st|nd|rd|th)?(?:,?\s(?P<y>(?:19|20)\d\d))?"
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?,?\s(?P<y>(?:19|20)\d\d)\b"),
    re.compile(
        r"(?:(?P<y>(?:19|20)\d\d)\s?年\s?)?(?<![\d个])(?P<m>1[0-2]|0?[1-9])\s?月(?!内|以内)(?:\s?(?P<d>\d\d?)\s?[日号])?"
    ),
    re.compile(r"(?P<y>(?:19|20)\d\d)\s?年(?!间)"),
)
_DAY = re.compile(
    r"\bthe (?P<n>\d\d?)(?:st|nd|rd|th)(?: day)? of (?:each|every|the|a) month"
    r"|每个?月\s?(?P<z>\d\d?)\s?[日号]",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<h>[01]?\d|2[0-3])[:：](?P<m>[0-5]\d)(?![:\d])|\b(?P<t>1[0-2]|[1-9])\s?(?P<half>[ap])\.?m\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    rf"(?P<sign>[{''.join(_SIGNS)}])\s?(?P<money>{FIGURES})(?P<many>k\b|\s(?:thousand|million)\b|\s?万)?"
    rf"(?:\s?(?:-|–|—|~|～|to|至|到)\s?(?:(?P=sign))?(?P<most>{FIGURES}))?"
    rf"|(?<![\w.#/])(?P<low>{_NUMBER})(?:{_TO}(?P<high>{_NUMBER}))?(?![.:/]?\d)"
    r"(?:\s?(?P<percent>%|％|percent\b|per cent\b)"
    r"|[\s-]?(?:(?:working|business|calendar|full|paid|consecutive|rolling)[\s-])?(?P<noun>[A-Za-z]{3,})"
    r"|\s?(?P<wide>个?(?:工作日|自然日|小时|钟头|分钟|星期)|个月|天|周(?![年岁])|秒|年(?!\d)|元|块)"
    r"|\s?(?P<counted>[人台件套份次倍辆张位名个]))"
    rf"|(?P<numeral>[{CHINESE}]{{1,{LONGEST_CHINESE}}})(?:(?P<wide2>个?(?:工作日|自然日|小时|钟头|分钟|星期)|个月|天|周(?![年岁])|年|元)"
    r"|(?P<counted2>[人台件套份次倍辆张位名]))",
    re.IGNORECASE,
)
_NAMED = re.compile(  # "room 12", "step 3": the number is a name
    r"\b(?:number|no|nr|step|level|grade|tier|figure|table|page|section|chapter|line|room|floor|extension|error"
    r"|version|phase|stage|season|week|day|article|appendix|item|option|part)\.?\s?$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\s(?:longer|shorter|more|less|later|earlier|older|higher|lower|ago|old)\b", re.IGNORECASE
)
_FACTORS = {"k": 1e3, "thousand": 1e3, "million": 1e6, "万": 1e4}


@remembered(4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Quantities in reading order; none overlaps another."""
    found: list[Quantity] = []
    taken = bytearray(len(text))
    for quantity in (*_dates(text), *_days(text), *_times(text), *_amounts(text)):
        own = slice(quantity.start, quantity.end)
        if not any(taken[own]):
            taken[own] = b"\1" * (quantity.end - quantity.start)
            found.append(quantity)
    return tuple(sorted(found, key=lambda quantity: quantity.start))


def _overlap(mine: tuple[float, ...], theirs: tuple[float, ...]) -> bool:
    """True when two ranges, or a range and a number, have a number in common."""
    return max(min(mine), min(theirs)) <= min(max(mine), max(theirs))


def _near(mine: float, theirs: float) -> bool:
    if mine == theirs:
        return True
    is_rounded = (mine % 730.5 == 0) != (theirs % 730.5 == 0)  # months on one side only
    return is_rounded and min(mine, theirs) > 300 and abs(mine - theirs) <= _ROUND * max(mine, theirs)


def _dates(text: str) -> Iterator[Quantity]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            part = match.groupdict()
            month = _MONTH_STARTS[part["name"][:3].lower()] if part.get("name") else part.get("m")
            year, month, day = (float(n or 0) for n in (part.get("y"), month, part.get("d")))
            if day <= 31:
                yield Quantity("date", (year, month, day), match.start(), match.end())


def _days(text: str) -> Iterator[Quantity]:
    for match in _DAY.finditer(text):
        yield Quantity("day of month", (float(match["n"] or match["z"]),), match.start(), match.end())


def _times(text: str) -> Iterator[Quantity]:
    for match in _CLOCK.finditer(text):
        if match["h"]:
            minutes = 60 * int(match["h"]) + int(match["m"])
        else:
            minutes = 60 * (int(match["t"]) % 12 + 12 * (match["half"].lower() == "p"))
        yield Quantity("clock", (float(minutes),), match.start(), match.end())


def _amounts(text: str) -> Iterator[Quantity]:
    for match in _AMOUNT.finditer(text):
        if match["sign"]:
            factor = _FACTORS.get((match["many"] or "").strip().lower(), 1.0)
            ends = [value(n) * factor for n in (match["money"], match["most"]) if n]
            yield Quantity(_SIGNS[match["sign"]], tuple(ends), *match.span())
        elif _NAMED.search(text, max(0, match.start() - 12), match.start()):
            continue
        elif (measured := _measured(match)) and not _COMPARED.match(text, match.end()):
            kind, factor = measured
            numbers = [n for n in (match["low"], match["high"], match["numeral"]) if n]
            yield Quantity(kind, tuple(value(n) * factor for n in numbers), *match.span())


def _measured(match: re.Match[str]) -> tuple[str, float] | None:
    """What the number counts, and how many of the kind's own unit one is; None for nothing."""
    if match["percent"]:
        return "percent", 1.0
    if noun := (match["noun"] or "").lower():
        singular = noun.removesuffix("s")
        if singular in _HOURS:
            return "hours", _HOURS[singular]
        if singular in _MONEY:
            return _MONEY[singular], 1.0
        thing = stem(noun)
        return (f"count of {thing}", 1.0) if thing else None
    wide = (match["wide"] or match["wide2"] or "").removeprefix("个")
    if wide in _HOURS:
        return "hours", _HOURS[wide]
    if wide in _MONEY:
        return _MONEY[wide], 1.0
    counted = match["counted"] or match["counted2"]
    return (f"count of {counted}", 1.0) if counted else None
