"""Numbers of a spreadsheet as their number format shows them (ECMA-376 part 1, 18.8.30 and 18.8.31).

Dates are said in ISO 8601. Of a format's sections the one for the sign is used; conditions, fractions
and fill characters are not.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

GENERAL = "General"
_DAY, _CLOCK = "yyyy-mm-dd", "hh:mm"
_SAME_DAY = (14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58)  # 27 to 58 in East Asia
_SAME_CLOCK = (18, 19, 20, 21, 32, 33, 34, 35, 55, 56)
BUILT_IN = {
    **dict.fromkeys(_SAME_DAY, _DAY),
    **dict.fromkeys(_SAME_CLOCK, _CLOCK),
    **dict.fromkeys((3, 37, 38, 41, 42), "#,##0"),
    **dict.fromkeys((4, 39, 40, 43, 44), "#,##0.00"),
    1: "0",
    2: "0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    22: f"{_DAY} {_CLOCK}",
    45: "mm:ss",
    46: "[h]:mm:ss",
    48: "0.0E+0",
    49: "@",
}
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<money>[^\]-]*)[^\]]*\]|(?P<elapsed>\[(?:h+|m+|s+)\])'
    r"|\[[^\]]*\]|_.|\*.|(?P<general>General)|(?P<half>AM/PM|A/P|上午/下午)|(?P<power>E[+-])"
    r"|(?P<digits>[0#?][0#?,]*(?:\.[0#?]*)?|\.[0#?]+)|(?P<date>[ymdhsbeg]+)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_FRACTION = re.compile(r"[#?0]\s*/\s*[#?0-9]")
_MOST_DAYS = 2_958_466  # the year 10000
_MOST_DECIMALS = 15


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a format: literals around one number, or a date."""

    before: str = ""
    after: str = ""
    digits: str = ""
    percent: bool = False
    power: bool = False
    is_general: bool = False
    has_day: bool = False
    has_time: bool = False
    elapsed: bool = False


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """The number as the format `code` shows it; '' for a format that shows nothing."""
    sections = _sections(code)
    section = sections[0]
    if value < 0 and len(sections) > 1:
        section, value = sections[1], -value
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if section.elapsed:
        return _elapsed(value)
    if section.has_day or section.has_time:
        return _date(value, section, _EPOCH_1904 if from_1904 else _EPOCH)
    if not section.digits and not section.is_general:
        return (section.before + section.after).strip()
    return f"{section.before}{_number(value, section)}{section.after}".strip()


def general(value: float) -> str:
    """A number without a format: 1200.0 is 1200, and 0.30000000000000004 is 0.3."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.15g}"


@cache
def _sections(code: str) -> tuple[_Section, ...]:
    parts, start, quoted = [], 0, False
    for at, letter in enumerate(code):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted and code[at - 1 : at] != "\\":
            parts.append(code[start:at])
            start = at + 1
    return tuple(_section(part) for part in [*parts, code[start:]][:4])


def _section(part: str) -> _Section:
    if _FRACTION.search(part):
        return _Section(is_general=True)
    found: dict[str, str] = {"before": "", "after": "", "digits": "", "date": "", "percent": ""}
    flags = {"power": False, "general": False, "elapsed": False}
    place = "before"
    for token in _TOKEN.finditer(part):
        kind, said = token.lastgroup, token[token.lastgroup or 0]
        if kind in ("quoted", "escaped", "money", "other"):
            found[place] += said if said != "@" else ""
        elif kind in ("digits", "general"):
            flags["general"] |= kind == "general"
            found["digits"] = found["digits"] or (said if kind == "digits" else "")
            place = "after"
        elif kind in ("date", "half"):
            found["date"] += said.lower() if kind == "date" else "h"
        elif kind in flags:
            flags[str(kind)] = True
        elif kind == "percent":
            found["percent"] = "%"
            found[place] += "%"
    return _made(found, flags, part)


def _made(found: dict[str, str], flags: dict[str, bool], part: str) -> _Section:
    date = "" if flags["general"] else found["date"]
    return _Section(
        found["before"],
        found["after"],
        found["digits"],
        bool(found["percent"]),
        flags["power"],
        flags["general"] or "@" in part,
        any(letter in date for letter in "yd") or "mmm" in date,
        "h" in date or "s" in date,
        flags["elapsed"],
    )


def _number(value: float, section: _Section) -> str:
    if section.is_general or not section.digits:
        return general(value)
    exact = Decimal(repr(value)) * (100 if section.percent else 1)
    whole, _, decimals = section.digits.partition(".")
    exact /= 1000 ** (len(whole) - len(whole.rstrip(",")))
    if section.power:
        return f"{exact:.{len(decimals)}E}"
    try:
        said = f"{_rounded(exact, len(decimals)):{',' if ',' in whole.rstrip(',') else ''}f}"
    except InvalidOperation:
        return general(value)
    least = whole.count("0")
    sign, digits = ("-", said[1:]) if said.startswith("-") else ("", said)
    head, dot, tail = digits.partition(".")
    tail = _optional(tail, decimals)
    head = "" if head == "0" and not tail and not least else head
    return f"{sign}{head.zfill(least)}{dot if tail else ''}{tail}"


def _rounded(exact: Decimal, places: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-min(places, _MOST_DECIMALS)), ROUND_HALF_UP)


def _optional(tail: str, decimals: str) -> str:
    """Without the zeros at the end that the format does not ask for."""
    least = decimals.rfind("0") + 1
    return tail[:least] + tail[least:].rstrip("0")


def _date(value: float, section: _Section, epoch: datetime) -> str:
    if not 0 <= value < _MOST_DAYS:
        return general(value)
    if epoch is _EPOCH and value < 60:
        value += 1  # Excel counts a 29 February 1900
    moment = epoch + timedelta(seconds=round(value * 86_400))
    clock = f"{moment:%H:%M}" + (f":{moment.second:02}" if moment.second else "")
    if section.has_day and section.has_time:
        return f"{moment:%Y-%m-%d} {clock}"
    return moment.strftime("%Y-%m-%d") if section.has_day else clock


def _elapsed(value: float) -> str:
    seconds = round(value * 86_400)
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
