"""Lines as a page prints them to paragraphs as an author wrote them."""

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.formats.pdf.types import Line, hull
from rag.words import CJK

_SOFT = "\ufffe"  # pdfium's word for a hyphen that it takes for a mere break
_HYPHENS = ("\ufffe", "\u00ad", "\u2010", "-")
_LAST_WORD = re.compile(r"[^\W\d_]{1,60}$")
_FIRST_WORD = re.compile("[a-zß-öø-ÿ]+")
_OPENS = re.compile(
    r"\s*(?:[-*•●▪◦·■□○◆‣–]|\(?\d{1,3}[.)、]|\(?[a-z][.)]\s|[一二三四五六七八九十]+[、.]|第.{1,4}[章节条])"
)
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；", "”", "…")
_WIDE = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uffef]")
_SPACELESS = re.compile(f"(?![\uac00-\ud7af])[{CJK}\u3000-\u303f\uff00-\uffef]")  # Korean has blanks
_FULL = 0.72  # of the widest usual line: a shorter one ends its paragraph
_LEAST = 30  # letters of a usual line of prose
_SPACED = 1.6  # of the usual distance of lines: more begins a paragraph
_LARGER = 1.15  # letters that differ so much in size are no one paragraph


@dataclass(frozen=True, slots=True)
class Composed:
    """The canonical text of a page, and where each of its lines stands in it."""

    text: str
    places: tuple[tuple[int, int, Line], ...] = ()


def paragraphs(page: str, alone: Collection[str] = ()) -> str:
    """The page's text: lines of one paragraph joined, words divided at a line's end made whole.

    Lines that are among `alone`, such as headings, are joined to nothing.
    """
    page = page.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").strip("\n")
    lines = tuple(Line(line.rstrip(), 0, 0, 0, 0) for line in page.split("\n"))
    return composed((lines,), alone).text


def composed(blocks: Sequence[Sequence[Line]], alone: Collection[str] = ()) -> Composed:
    """As `paragraphs`, of blocks in reading order; rows of tables stand alone, tables between blank lines."""
    printed = "\n".join(line.text for block in blocks for line in block)
    made: list[str] = []
    places: list[tuple[int, int, Line]] = []
    length = 0
    before: _Measured | None = None
    for line in _measured(blocks):
        text, gap = line.line.text, ""
        if before is not None:
            kept, gap = _gap(before, line, alone, printed)
            if kept != before.line.text:
                length += len(kept) - len(made[-1])
                start, _, old = places[-1]
                made[-1], places[-1] = kept, (start, length, old)
        made += [gap, text]
        places.append((length + len(gap), length + len(gap) + len(text), line.line))
        length += len(gap) + len(text)
        before = line
    if made:
        made[-1] = made[-1].replace(_SOFT, "-")
    return Composed("".join(made), tuple(place for place in places if place[1] > place[0]))


@dataclass(frozen=True, slots=True)
class _Measured:
    """A line with what is usual around it: width in letters, distance to the next line in points."""

    line: Line
    block: int
    usual: int
    pitch: float


def _measured(blocks: Sequence[Sequence[Line]]) -> list[_Measured]:
    together = 0 if _are_columns(blocks) else _usual([line for block in blocks for line in block])
    return [
        _Measured(line, number, usual, pitch)
        for number, block in enumerate(blocks)
        for usual, pitch in [(together or _usual(block), _pitch(block))]
        for line in block
    ]


def _are_columns(blocks: Sequence[Sequence[Line]]) -> bool:
    boxes = [hull(block) for block in blocks if len(block) > 1]
    return any(
        one[2] <= other[0] and min(one[3], other[3]) > max(one[1], other[1])
        for one in boxes
        for other in boxes[:200]
    )


def _usual(lines: Sequence[Line]) -> int:
    widths = sorted(width(line.text) for line in lines if line.text and not line.row)
    return widths[len(widths) * 9 // 10] if widths else 0


def _pitch(block: Sequence[Line]) -> float:
    steps = sorted(abs(line.y1 - before.y1) for before, line in itertools.pairwise(block))
    return steps[len(steps) // 2] if steps else 0.0


def _gap(before: _Measured, line: _Measured, alone: Collection[str], printed: str) -> tuple[str, str]:
    """The line before as it is kept, and what stands between it and the next."""
    text, following = before.line.text, line.line.text
    if before.line.row or line.line.row:
        one = before.line.row and line.line.row and before.block == line.block
        return text.replace(_SOFT, "-"), "\n" if one else "\n\n"
    broken = _LAST_WORD.search(text[-61:-1]) if text.endswith(_HYPHENS) else None
    word = _FIRST_WORD.match(following)
    if broken and word:
        # A page that writes "carbon-free" within a line means the hyphen at the end of one, too.
        return text[:-1] + ("-" if f"{broken[0]}-{word[0]}" in printed else ""), ""
    if text.endswith(_SOFT):
        return text[:-1] + "-", ""
    if not (text and following) or " ".join(text.split()) in alone or " ".join(following.split()) in alone:
        return text, "\n"
    return text, _join(text, following) if _continues(before, line) else "\n"


def _continues(before: _Measured, line: _Measured) -> bool:
    text, following = before.line.text, line.line.text
    own = width(text)
    full = own >= before.usual * _FULL and before.usual >= _LEAST
    ended = text.endswith(_ENDS) and own < before.usual * 0.9
    if not full or ended or _OPENS.match(following) or not _alike(before.line, line.line):
        return False
    if before.block == line.block:
        return not before.pitch or abs(line.line.y1 - before.line.y1) <= _SPACED * before.pitch
    goes_on = following[:1].islower() or (bool(_WIDE.match(following)) and not text.endswith(_ENDS))
    return goes_on and line.usual <= before.usual * 1.5 and before.usual <= line.usual * 1.5


def _alike(one: Line, other: Line) -> bool:
    if one.turns != other.turns or one.spread or other.spread:
        return False
    small, large = sorted((one.size, other.size))
    return not small or large <= small * _LARGER


def in_line(before: str, line: str) -> str:
    """Two lines as one."""
    return before + _join(before, line) + line if before else line


def _join(before: str, line: str) -> str:
    """Nothing between ideographs, a blank elsewhere."""
    return "" if _SPACELESS.match(before[-1]) and _SPACELESS.match(line.lstrip()[:1] or " ") else " "


def width(text: str) -> int:
    """Letters of a line, ideographs counted double."""
    return len(text) + (0 if text.isascii() else len(_WIDE.findall(text)))
