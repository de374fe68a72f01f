"""A source page: front matter, then headings, paragraphs, lists, tables and notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

Kind = Literal["heading", "bullets", "numbers", "table", "note", "text"]
Row = tuple[str, ...]

_STARTS: tuple[tuple[str, Kind], ...] = (
    ("#", "heading"),
    ("- ", "bullets"),
    ("|", "table"),
    ("> ", "note"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page: `lines` of text or a list, or `rows` of a table, header first."""

    kind: Kind
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    level: int = 0

    @property
    def text(self) -> str:
        """All lines as one."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Page:
    """Front matter, the blocks in order, and the body as it was written."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]
    body: str

    @property
    def date(self) -> datetime:
        """The day of the document, at nine in the morning: builds never look at the clock."""
        return datetime.fromisoformat(f"{self.meta['date']}T09:00:00")

    @property
    def is_chinese(self) -> bool:
        """The front matter says `language: zh`."""
        return self.meta["language"] == "zh"


def read_page(source: str) -> Page:
    """Read a source file that begins with front matter between two lines of `---`."""
    _, head, body = source.split("---\n", 2)
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    return Page(meta, tuple(_blocks(body)), body)


def _blocks(body: str) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", body.strip()):
        for kind, lines in groupby(chunk.splitlines(), key=_kind):
            yield _block(kind, list(lines))


def _kind(line: str) -> Kind:
    if re.match(r"\d+\. ", line):
        return "numbers"
    return next((kind for start, kind in _STARTS if line.startswith(start)), "text")


def _block(kind: Kind, lines: list[str]) -> Block:
    if kind == "heading":
        marks, text = lines[0].split(" ", 1)
        return Block(kind, (text,), level=len(marks))
    if kind == "table":
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Block(kind, rows=(rows[0], *rows[2:]))
    return Block(kind, tuple(re.sub(r"^(- |> |\d+\. )", "", line) for line in lines))
