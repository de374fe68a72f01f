"""Sentences of a stored text with their exact places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.plain import plain
from rag.remembered import remembered
from rag.tables import BARE_ROW
from rag.types import Span

__all__ = ["LONGEST", "Kind", "Sentence", "ends_sentence", "plain", "sentences"]

Kind = Literal["prose", "heading", "item", "row", "header", "code"]
_NARROW_HEADING, _WIDE_HEADING = 48, 16  # characters of a line that may be a heading without a mark
_TABLE_LINE = 64  # characters; running text is wrapped wider
LONGEST = 1200  # characters; a stretch without any sentence end is cut at white space

_STOPS = (".", "!", "?", "。", "！", "？")

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?=[ \t]|$)")
_ROW = re.compile(r"[ \t]*\|")
_RULE_ROW = re.compile(r"[ \t:|-]*$")
_ITEM = re.compile(
    r"[ \t]*(?:[-*+•·▪]|\d{1,3}[.)、．]"
    r"|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]|[一二三四五六七八九十]{1,3}、)[ \t]*"
)
_ITEM_NEEDS_SPACE = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])(?![ \t])")
_RECORD = re.compile(r"[^:;\n]{1,100}: [^\n]*?; [^:;\n]{1,100}: ")  # as tables with headers are read
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")
_END = re.compile(r"[.!?。！？…]+[\"'”’»)\]）」』】*_]*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|cf|eg|ie|al|approx|Fig|fig|Inc|Ltd|Co|Corp|No|no|Nr|Vol|pp|ed"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Za-z]|\be\.g|\bi\.e|\bU\.S|\bU\.K)$"
)
_MAY_END = re.compile(r"(?:\betc|\b[ap]\.m|\bInc|\bLtd|\bCo|\bCorp|\bU\.S|\bU\.K|\b[no]o)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit that can stand alone: offsets count in the text that was given to `sentences`."""

    start: int
    end: int
    kind: Kind

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@remembered(1024)  # the same passages are found again and again
def sentences(text: str) -> tuple[Sentence, ...]:
    """Units in reading order; list and heading marks and rules of tables are left outside."""
    found: list[Sentence] = []
    for start, end, kind in _blocks(text):
        if kind in ("prose", "item"):
            found.extend(Sentence(a, b, kind) for a, b in _split(text, start, end))
        elif trimmed := _trim(text, start, end):
            found.append(Sentence(*trimmed, kind))
    return tuple(found)


def ends_sentence(text: str, start: int, end: int) -> bool:
    """True when the mark at `text[start:end]` ends a sentence, as far as its neighbours show."""
    following = text[end : end + 1]
    if text[start] in "。！？…" or (text[start] in "!?" and not following.isalnum() and following != "["):
        return True
    if following and not following.isspace():
        # A full stop inside a number, a name or an address; Chinese may follow without a space.
        return following > "\u2e7f" and not text[start - 1 : start].isdigit()
    before = text[max(0, start - 8) : start]
    following = text[end : end + 8].lstrip()[:1]
    if following.islower():
        return False
    if not _ABBREVIATION.search(before) and not before.endswith(("a.m", "p.m")):
        return True
    return bool(_MAY_END.search(before)) and following.isupper()


def _blocks(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Stretches of one kind, in order; offsets are those of the content without its mark."""
    open_at, open_end = -1, -1
    kind: Kind = "prose"
    lines = list(_lines(text))
    i = 0
    while i < len(lines):
        start, end = lines[i]
        own = _classify(text, start, end)
        if own is None and text[start:end].strip():  # goes on with what stands before
            open_at, open_end = (start, end) if open_at < 0 else (open_at, end)
            i += 1
            continue
        if open_at >= 0:
            yield from _running(text, open_at, open_end, kind)
        open_at, kind = -1, "prose"
        i += 1
        if own is None:
            continue
        content, what = own
        if what == "code":
            i = _after_fence(text, lines, i, text[content : content + 3])
            yield start, lines[i - 1][1], "code"
        elif what == "row":
            below = lines[i] if i < len(lines) else None
            is_header = below is not None and (
                _is_rule(text, *below) or _tops_bare_rows(text, lines[i - 2] if i > 1 else None, start, below)
            )
            if not _is_rule(text, start, end):
                yield content, end, "header" if is_header else "row"
        elif what == "heading":
            yield content, end, "heading"
        else:
            open_at, open_end, kind = content, end, "item"
    if open_at >= 0:
        yield from _running(text, open_at, open_end, kind)


def _running(text: str, start: int, end: int, kind: Kind) -> Iterator[tuple[int, int, Kind]]:
    """Running text as one stretch; in it, short lines full of figures are a table without rules."""
    lines = [(start + a, start + b) for a, b in _lines(text[start:end])]
    if kind == "prose" and len(lines) == 1 and _stands_as_heading(text[start:end].strip()):
        yield start, end, "heading"
        return
    begin = 0
    for first, last in _figure_runs(text, lines):
        yield from _with_headings(text, lines[begin:first], kind)
        yield from ((a, b, "row") for a, b in lines[first:last])
        begin = last
    yield from _with_headings(text, lines[begin:], kind)


def _with_headings(text: str, lines: list[tuple[int, int]], kind: Kind) -> Iterator[tuple[int, int, Kind]]:
    """Running text without tables; a heading may stand in it on a line of its own, as PDFs come."""
    begin = 0
    for i in range(len(lines) - 1):
        if _heads(text, lines[i - 1] if i else None, lines[i], lines[i + 1]):
            if begin < i:
                yield lines[begin][0], lines[i - 1][1], kind
            yield *lines[i], "heading"
            begin, kind = i + 1, "prose"
    if begin < len(lines):
        yield lines[begin][0], lines[-1][1], kind


def _heads(text: str, above: tuple[int, int] | None, line: tuple[int, int], below: tuple[int, int]) -> bool:
    """A short line between a full stop and a longer line that begins anew."""
    own, following = text[slice(*line)].strip(), text[slice(*below)].strip()
    if not _stands_as_heading(own) or len(following) <= len(own) + 8 or following[:1].islower():
        return False
    if not (own[:1].isupper() or own[:1] > "\u2e7f"):
        return False
    return above is None or text[slice(*above)].rstrip().endswith(_STOPS)


def _figure_runs(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of lines that are rows of a table, as they stand in running text."""
    first = 0
    for i in range(len(lines) + 1):
        if i < len(lines) and _is_row(text[slice(*lines[i])].rstrip()):
            continue
        rows = [text[slice(*line)].rstrip() for line in lines[first:i]]
        if _is_table(rows, is_last=first > 0 and i == len(lines)):
            yield first, i
        first = i + 1


def _is_table(rows: list[str], *, is_last: bool) -> bool:
    """At least three lines, half of them with a figure, or two records.

    One will do below everything else: there stands what further columns say of an entry.
    """
    if len(rows) >= 3 and 2 * sum(any(c.isdigit() for c in row) for row in rows) >= len(rows):
        return True
    least = 1 if is_last and rows and not rows[-1].endswith(_STOPS) else 2
    return len(rows) >= least and all(map(_is_record, rows))


def _stands_as_heading(line: str) -> bool:
    """A short line of its own that ends no sentence, as headings of Office files and web pages come."""
    most = _WIDE_HEADING if line[-1:] > "\u2e7f" else _NARROW_HEADING
    return len(line) <= most and (line[-1:].isalnum() or line[-1:] in ")）") and not line[:1].isdigit()


def _is_record(line: str) -> bool:
    """Whether a line is a row of a table that says its headers: `Header: value; Header: value`."""
    return _RECORD.match(line) is not None


def _is_row(line: str) -> bool:
    return _is_short(line) or _is_record(line)


def _is_short(line: str) -> bool:
    return len(line) <= _TABLE_LINE and not line.endswith((".", "。", "！", "!", "；", ";", "，", ","))


def _classify(text: str, start: int, end: int) -> tuple[int, Kind] | None:
    """Where the content begins and what it is; None for an empty line or running text."""
    first = text[start:end].lstrip()[:1]
    if BARE_ROW in text[start:end]:
        return start, "row"
    if not first or (first.isalpha() and first not in "一二三四五六七八九十"):
        return None
    if _FENCE.match(text, start, end):
        return start + text[start:end].index(first), "code"
    if mark := _HEADING.match(text, start, end):
        return mark.end(), "heading"
    if _ROW.match(text, start, end):
        return start, "row"
    quoted = _QUOTED.match(text, start, end)
    begin = quoted.end() if quoted else start
    mark = _ITEM.match(text, begin, end)
    if mark and not _ITEM_NEEDS_SPACE.match(text, begin, end):
        return mark.end(), "item"
    return (begin, "item") if quoted else None


def _tops_bare_rows(text: str, above: tuple[int, int] | None, start: int, below: tuple[int, int]) -> bool:
    """The first of several rows `a | b`, as tables of Office files and web pages are written."""
    is_first = above is None or BARE_ROW not in text[slice(*above)]
    return is_first and not text.startswith("|", start) and BARE_ROW in text[slice(*below)]


def _is_rule(text: str, start: int, end: int) -> bool:
    return "-" in text[start:end] and _RULE_ROW.match(text, start, end) is not None


def _after_fence(text: str, lines: list[tuple[int, int]], i: int, mark: str) -> int:
    """The index of the line after the closing fence, or after the last line."""
    while i < len(lines):
        i += 1
        if text[slice(*lines[i - 1])].lstrip().startswith(mark):
            break
    return i


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for mark in _END.finditer(text, start, end):
        if ends_sentence(text, mark.start(), mark.end()) or mark.end() == end:
            yield from _pieces(text, begin, mark.end())
            begin = mark.end()
    yield from _pieces(text, begin, end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = start + LONGEST if cut < 0 else cut
        if trimmed := _trim(text, start, cut):
            yield trimmed
        start = cut
    if trimmed := _trim(text, start, end):
        yield trimmed


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None
