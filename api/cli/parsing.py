"""The parse report of a document, for a person: what was read, and what was not."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.cli import layout, states
from rag import validity
from rag.catalog.documents import Known
from rag.catalog.versions import Stored
from rag.types import Version

_MOST = 20  # names or page numbers in a line
_SAID = ("reader", "charset", "pages", "pages_without_text", "tables", "characters", "hidden")
_SAID_LAST = ("attachments", "warnings")


@dataclass(frozen=True, slots=True)
class Parsing:
    """A document, one of its versions (None where nothing could be read), and the loader's report."""

    known: Known
    version: Version | None
    kept: Sequence[Stored]
    report: Mapping[str, Any]


def lines(parsing: Parsing) -> Iterator[str]:
    """The report, line by line."""
    known = parsing.known
    title = f"{parsing.version.title}  " if parsing.version else ""
    yield layout.one_line(f"{title}{known.source}")
    yield _row("document", f"{known.id} in the collection {known.collection}")
    yield from _state(known)
    yield from _facts(known)
    yield from _version(parsing)
    yield from _noticed(parsing.report)
    if parsing.kept:
        yield _row("stored", ", ".join(f"{one.number} ({one.state})" for one in parsing.kept))


def _row(name: str, value: str) -> str:
    return f"{name + ':':<15} {layout.one_line(value)}"


def _state(known: Known) -> Iterator[str]:
    now = time.time()
    state = validity.state(known.valid_from, known.valid_until, now)
    status = state if known.status == states.OK and state != "valid" else known.status
    yield _row("state", f"{status}: {known.detail}" if known.detail else status)
    if (step := states.next_step(status)) and ";" not in known.detail:
        yield _row("next", step)


def _facts(known: Known) -> Iterator[str]:
    yield _row("readers", ", ".join(known.groups) or "everyone")
    if known.owner:
        yield _row("owner", known.owner)
    if known.origin:
        yield _row("source", known.origin)
    if known.valid_from is not None:
        yield _row("valid from", validity.first_day(known.valid_from))
    if known.valid_until is not None:
        yield _row("valid until", validity.last_day(known.valid_until))
    if known.priority:
        yield _row("priority", str(known.priority))


def _version(parsing: Parsing) -> Iterator[str]:
    version = parsing.version
    if version is None:
        return
    chunks = next((one.chunks for one in parsing.kept if one.id == version.id), 0)
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(version.created))
    yield _row("version", f"{version.number} ({version.state}) of {day}, {version.id}")
    yield _row("text", f"{len(version.text):,} characters in {chunks} chunks, language {version.language}")
    if version.pages and "pages" not in parsing.report:
        yield _row("pages", str(len(version.pages)))


def _noticed(report: Mapping[str, Any]) -> Iterator[str]:
    """What the loader noted; keys that only one loader has come between."""
    own = [key for key in report if key not in (*_SAID, *_SAID_LAST)]
    for key in (*_SAID, *own):
        if report.get(key) and key != "characters":  # told with the text
            yield _row(_name(key), _value(report[key]))
    if names := report.get("attachments"):
        yield _row("attachments", _some(names))
    for sentence in report.get("warnings", ()):
        yield _row("warning", str(sentence))


def _name(key: str) -> str:
    return {"pages_without_text": "without text", "hidden": "left out"}.get(key, key.replace("_", " "))


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} characters ({reason})" for reason, count in value.items())
    if isinstance(value, list | tuple):
        return _some(value)
    return str(value)


def _some(values: Sequence[object]) -> str:
    more = len(values) - _MOST
    return ", ".join(map(str, values[:_MOST])) + (f" and {more} more" if more > 0 else "")
