"""`kb diff`: what changed between two stored versions of a document."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import layout, stored, terminal
from api.cli.options import Home, Json, Store
from rag.errors import NotFound

if TYPE_CHECKING:
    from rag.catalog.documents import Known
    from rag.catalog.versions import Stored
    from rag.system import System

_CONTEXT = 3
_HEADING = re.compile(r"#{1,6}\s+(.*)")

Name = Annotated[str, typer.Argument(metavar="ID", help="Document id or source path.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="N|ID", help="The older version; else the one before.", show_default=False
    ),
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="N|ID", help="The newer version; else the current one.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that differ with a few around them; each begins with ' ', '-' or '+'.

    `old` and `new` are the first line (1-based) and the number of lines on each side. `heading` is
    the one under which the hunk stands in the newer text.
    """

    old: tuple[int, int]
    new: tuple[int, int]
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions and what differs."""

    source: str
    older: "Stored"
    newer: "Stored"
    hunks: tuple[Hunk, ...]


def diff(
    name: Name,
    older: From = None,
    newer: To = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Compare two stored versions of a document."""
    from api.cli import opened

    found = opened.run(lambda system: _compare(system, name, older, newer), store=store, home=home)
    if json:
        terminal.out_json(asdict(found))
        return 0
    for line in shown(found):
        terminal.out(line)
    if not found.hunks:
        terminal.note("kb: the two versions have the same text")
    return 0


async def _compare(system: "System", name: str, older: str | None, newer: str | None) -> Compared:
    from anyio.to_thread import run_sync

    known = await system.find(name)
    return await run_sync(_compared, system, known, older, newer)


def _compared(system: "System", known: "Known", older: str | None, newer: str | None) -> Compared:
    from rag.catalog import chunks, versions

    tenant = system.settings.tenant
    first, second = _two(stored.versions_of(system, known.id), older, newer)
    with system.catalog.read() as connection:
        texts = versions.texts(connection, tenant, [first.id, second.id])
        parts = chunks.headings(connection, tenant, second.id)
    headings = [(start, path[-1]) for start, path in parts if path]
    return Compared(known.source, first, second, tuple(hunks(texts[first.id], texts[second.id], headings)))


def _two(kept: "Sequence[Stored]", older: str | None, newer: str | None) -> "tuple[Stored, Stored]":
    """The versions that are named; else the newest and the one before the newer."""
    if not kept:
        raise NotFound("nothing of it is stored", hint="kb show --report ID says why")
    second = stored.named(newer, kept) if newer else kept[0]
    if older:
        return stored.named(older, kept), second
    before = [one for one in kept if one.number < second.number]
    if not before:
        raise NotFound(
            f"no version before number {second.number} is stored",
            hint="KB_KEEP_VERSIONS says how many are kept; there is one more with each change",
        )
    return before[0], second


def hunks(old: str, new: str, headings: Sequence[tuple[int, str]]) -> Iterator[Hunk]:
    """Where two texts differ, line by line. `headings` are (offset in `new`, heading), in order."""
    from difflib import SequenceMatcher

    before, after = old.splitlines(), new.splitlines()
    starts = [0, *accumulate(len(line) for line in new.splitlines(keepends=True))]
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(_CONTEXT):
        changed = next((one for one in group if one[0] != "equal"), group[0])
        first, last = group[0], group[-1]
        yield Hunk(
            old=(first[1] + 1, last[2] - first[1]),
            new=(first[3] + 1, last[4] - first[3]),
            heading=_above(changed[3], after, starts, headings),
            lines=tuple(_lines(group, before, after)),
        )


def shown(found: Compared) -> Iterator[str]:
    """A unified diff, with the heading of each hunk behind its places."""
    if not found.hunks:
        return
    yield f"--- {found.source} (version {found.older.number})"
    yield f"+++ {found.source} (version {found.newer.number})"
    for hunk in found.hunks:
        places = f"@@ -{hunk.old[0]},{hunk.old[1]} +{hunk.new[0]},{hunk.new[1]} @@"
        yield f"{places} {layout.one_line(hunk.heading)}".rstrip()
        yield from hunk.lines


def _lines(
    group: Sequence[tuple[str, int, int, int, int]], before: Sequence[str], after: Sequence[str]
) -> Iterator[str]:
    for tag, a, b, c, d in group:
        if tag == "equal":
            yield from (f" {line}" for line in before[a:b])
            continue
        yield from (f"-{line}" for line in before[a:b])
        yield from (f"+{line}" for line in after[c:d])


def _above(
    line: int, after: Sequence[str], starts: Sequence[int], headings: Sequence[tuple[int, str]]
) -> str:
    """The heading under which a line of the newer text stands.

    Those of stored chunks are of where a chunk begins; a heading line further down is nearer.
    """
    at = bisect_right(headings, starts[line], key=lambda one: one[0])
    begin, known = headings[at - 1] if at else (0, "")
    for number in range(min(line, len(after) - 1), -1, -1):
        if starts[number] < begin:
            break
        if match := _HEADING.fullmatch(after[number]):
            return match[1]
    return known
