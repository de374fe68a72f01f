"""reStructuredText. The canonical text is the decoded file, unchanged; sections follow its adornments.

Comments (`.. words`) are no section, since a reader of the page never sees them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.formats.named import title_of
from ingest.notes import Notes
from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.charset import decode
from rag.types import Span

SUFFIXES = (".rst", ".rest")
VERSION = 1
LONGEST = 500  # characters of a heading

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{1,500}[ \t]*")
_COMMENT = re.compile(r"\.\.(?:[ \t]|$)")
# What begins like a comment and is something else: directive, target, footnote, substitution.
_MARKUP = re.compile(
    r"\.\.[ \t]+(?:[\w:+.-]{1,80}::|_[^\n]{0,300}:|__|\[[^\]\n]{1,80}\]|\|[^|\n]{1,200}\|[ \t])"
)
_ROLE = re.compile(r":[\w:+-]{1,40}:`([^`<>\n]{1,200}?)(?:[ \t]*<[^<>\n]{0,300}>)?`")
_MARKS = re.compile(r"\*\*|``|[`*]|(?<=\w)_+(?=\W|$)")

_Line = tuple[int, str]


def load(data: bytes, name: str) -> Loaded:
    """Levels in the order in which the adornments first come, as the format has it."""
    text, charset = decode(data)
    notes = Notes(charset=charset)
    lines = list(_lines(text))
    headings = list(_headings(lines))
    comments = list(_comments(lines, len(text)))
    for comment in comments:
        notes.hide("comment", text[comment.start : comment.end].lstrip("."))
    found = sections(text, headings, left_out=comments)
    title = headings[0].text if headings and headings[0].level == 1 else title_of(name)
    return replace(Loaded(text), title=title, sections=found, report=notes.report())


def _lines(text: str) -> Iterator[_Line]:
    place = 0
    for line in text.split("\n"):
        yield place, line.rstrip("\r")
        place += len(line) + 1


def _headings(lines: list[_Line]) -> Iterator[Heading]:
    levels: dict[tuple[str, bool], int] = {}
    adornments = {at for at, (_, line) in enumerate(lines) if _ADORNMENT.fullmatch(line)}
    begin = 0
    for at in sorted({max(0, under - 1) for under in adornments} | adornments):
        if at < begin:
            continue
        over = at in adornments and at + 2 < len(lines) and _adorns(lines, adornments, at + 2)
        title = at + 1 if over else at
        under = title + 1 < len(lines) and _adorns(lines, adornments, title + 1)
        if under and (not over or lines[at][1][0] == lines[at + 2][1][0]):
            style = (lines[title + 1][1][0], over)
            level = levels.setdefault(style, len(levels) + 1)
            yield Heading(lines[at][0], level, _plain(lines[title][1]))
            begin = title + 2


def _adorns(lines: list[_Line], adornments: set[int], under: int) -> bool:
    """Whether the line underlines the one above it, and that can be a title."""
    title = under - 1
    said, line = lines[title][1], lines[under][1].rstrip()
    if not said.strip() or title in adornments or under not in adornments:
        return False
    before = lines[title - 1][1].strip() if title else ""
    starts = not before or title - 1 in adornments
    return starts and (len(line) >= min(len(said.rstrip()), 4) or len(line) >= len(said.strip()))


def _comments(lines: list[_Line], end: int) -> Iterator[Span]:
    """Comment blocks: their first line and the indented ones below it."""
    at = 0
    while at < len(lines):
        start, line = lines[at]
        at += 1
        if not _COMMENT.match(line) or _MARKUP.match(line):
            continue
        if line.strip() == ".." and at < len(lines) and not lines[at][1].strip():
            continue  # an empty comment ends what is above it, and takes in nothing
        while at < len(lines) and (not lines[at][1].strip() or lines[at][1][0] in " \t"):
            at += 1
        yield Span(start, lines[at][0] if at < len(lines) else end)


def _plain(title: str) -> str:
    return " ".join(_MARKS.sub("", _ROLE.sub(r"\1", title[:LONGEST])).split())
