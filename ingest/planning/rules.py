"""`.kb.toml`: what a folder says of the files below it. Nearer ones win, key by key."""

import re
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rag.errors import BadInput
from rag.types import Language

FILE = ".kb.toml"
EVERYONE = "everyone"
TITLE_FIELDS = ("heading", "name", "folder", "first_line")
_TITLES = ("heading", "name", "first line")
_COLLECTION = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Lines as in a `.gitignore`, read from `folder` on."""

    folder: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a file; None where no folder says anything.

    `allow` is empty for everyone. `valid_from` is the first moment at which it counts, `valid_until`
    the first one at which it no longer does; seconds since the epoch.
    """

    collection: str | None = None
    allow: tuple[str, ...] | None = None
    language: Language | None = None
    title: str | None = None
    owner: str | None = None
    valid_from: float | None = None
    valid_until: float | None = None
    priority: int | None = None
    include: Patterns | None = None
    exclude: Patterns | None = None
    max_file_mb: int | None = None

    def over(self, outer: "Rules") -> "Rules":
        """These, and those of `outer` where these say nothing."""
        own = {one.name: value for one in fields(self) if (value := getattr(self, one.name)) is not None}
        return replace(outer, **own)


def parse(text: str, file: str, folder: str) -> Rules:
    """The rules in the text of `file`, which lies in `folder`.

    `BadInput` names the file, the key and what was expected.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file}: not TOML: {error}", hint="docs/ingest.md has an example") from error
    values = {key: _read(key, value, file, folder) for key, value in found.items()}
    rules = Rules(**values)
    first, end = rules.valid_from, rules.valid_until
    if first is not None and end is not None and first >= end:
        raise BadInput(f"{file}: valid_until must be a day not before valid_from", hint="swap them")
    return rules


def _read(key: str, value: object, file: str, folder: str) -> Any:
    if key not in _READERS:
        known = ", ".join(sorted(_READERS))
        raise BadInput(f"{file}: no rule is called {key!r}", hint=f"there are: {known}")
    read, expected = _READERS[key]
    found = read(value)
    if found is None:
        raise BadInput(f"{file}: {key} must be {expected}, not {_shown(value)}", hint="docs/ingest.md")
    return Patterns(folder, found) if key in ("include", "exclude") else found


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)[:60]


def _collection(value: object) -> str | None:
    return value if isinstance(value, str) and _COLLECTION.fullmatch(value) else None


def _line(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() and value.isprintable() else None


def _lines(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value:
        return None
    found = [line for one in value if (line := _line(one))]
    return tuple(found) if len(found) == len(value) else None


def _groups(value: object) -> tuple[str, ...] | None:
    found = _lines(value)
    if found is None or (EVERYONE in found and set(found) != {EVERYONE}):
        return None
    return () if EVERYONE in found else tuple(sorted(set(found)))


def _language(value: object) -> object:
    return value if value in ("en", "zh") else None


def _title(value: object) -> str | None:
    line = _line(value)
    if line is None or line in _TITLES:
        return line
    try:
        parts = list(string.Formatter().parse(line))
    except ValueError:
        return None
    fields_used = [name for _, name, _, _ in parts if name is not None]
    # A width such as {name:>99999} would make a file of a title.
    is_plain = not any(spec or conversion for _, _, spec, conversion in parts)
    return line if is_plain and fields_used and set(fields_used) <= set(TITLE_FIELDS) else None


def _day(value: object) -> datetime | None:
    """Midnight, UTC, at which a day begins."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, date) or isinstance(value, datetime):
        return None
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _first(value: object) -> float | None:
    day = _day(value)
    return day.timestamp() if day else None


def _end(value: object) -> float | None:
    """The day itself still counts."""
    day = _day(value)
    return (day + timedelta(days=1)).timestamp() if day and day.date() < date.max else None


def _whole(low: int, high: int) -> Callable[[object], int | None]:
    def read(value: object) -> int | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole and low <= value <= high else None  # type: ignore[operator,return-value]

    return read


_DAY = "a day such as 2026-03-31"
_PATTERNS = 'a list of patterns such as ["*.tmp", "drafts/"]'
_READERS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "collection": (_collection, "a name of letters, digits, '.', '_' and '-'"),
    "allow": (_groups, 'a list of groups such as ["hr"], or ["everyone"]'),
    "language": (_language, '"en" or "zh"'),
    "title": (_title, '"heading", "name", "first line" or a template such as "{folder}: {heading}"'),
    "owner": (_line, "a text of one line"),
    "valid_from": (_first, _DAY),
    "valid_until": (_end, _DAY),
    "priority": (_whole(-10, 10), "a whole number from -10 to 10"),
    "include": (_lines, _PATTERNS),
    "exclude": (_lines, _PATTERNS),
    "max_file_mb": (_whole(1, 1 << 20), "a whole number of megabytes"),
}
