"""The lines of a page as pdfium finds them, with their boxes."""

import ctypes
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.formats.pdf.types import Bounds, Frame, Line, Painted, quarter
from rag.words import CJK

# pdfium ends a line by CR LF, or by U+FFFE for a hyphen that it takes for a mere break of a word.
_LINE = re.compile("[^\r\n\ufffe\x02]+[\ufffe\x02]?|[\ufffe\x02]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_WIDE_GAP = 1.4  # of the letters' height: a gap that a blank does not make
_BULLET = 3  # letters before a gap that are no column, unless they are a word of ideographs
_WORD = re.compile(f"[{CJK}]{{2,}}")
_MARGIN = 1.0  # points that a letter may reach beyond the page


class Reader:
    """Reads the lines of one page's text in the order of the file."""

    def __init__(self, textpage: Any, frame: Frame, painted: Sequence[Painted]) -> None:
        from pypdfium2 import raw

        self.raw = raw
        self.page = textpage.raw
        self.frame = frame
        self.known: Mapping[int, Painted] = {each.key: each for each in painted}
        self.off_page: list[str] = []
        self.is_plain = False  # each letter of the text is one of pdfium's
        self.numbers = [ctypes.c_double() for _ in range(4)]
        left, bottom, right, top = (ctypes.byref(each) for each in self.numbers)
        self.rect_refs = (left, top, right, bottom)
        self.box_refs = (left, right, bottom, top)

    def lines(self) -> list[tuple[Line, ...]]:
        """Each line, in parts where wide gaps divide it: letters of two columns may share a line."""
        return [parts for match in _LINE.finditer(self._text()) if (parts := self._parts(match))]

    def _text(self) -> str:
        count = self.raw.FPDFText_CountChars(self.page)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (2 * count + 2))()
        written = self.raw.FPDFText_GetText(self.page, 0, count, buffer)
        text = bytes(buffer)[: max(0, written - 1) * 2].decode("utf-16-le", "surrogatepass")
        self.is_plain = len(text) == count
        return text

    def _parts(self, match: re.Match[str]) -> tuple[Line, ...]:
        text = match[0]
        if not text.strip():
            return ()
        first = self._index(match.start() + len(text) - len(text.lstrip()))
        last = self._index(match.start() + len(text.rstrip()) - 1)
        rects = self._rects(first, last - first + 1)
        if not rects:
            return ()
        if len(rects) == 1 and self._is_inside(rects[0]):
            return (self._line(text, rects[0], first),)
        return self._divided(text, match.start(), first, rects)

    def _divided(self, text: str, place: int, first: int, rects: Sequence[Bounds]) -> tuple[Line, ...]:
        line = self._line(text, _union(rects), first)
        if all(map(self._is_inside, rects)) and not _has_gap(rects, line):
            return (line,)
        runs: list[list[tuple[int, Bounds]]] = []
        lost: list[str] = []
        for offset, bounds in self._letters(text, place):
            if not self.frame.holds((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2):
                lost.append(text[offset])
            elif runs and not _has_gap((runs[-1][-1][1], bounds), line):
                runs[-1].append((offset, bounds))
            else:
                runs.append([(offset, bounds)])
        if lost:
            self.off_page.append("".join(lost))
        return tuple(
            self._line(text[run[0][0] : run[-1][0] + 1], _union([bounds for _, bounds in run]), first)
            for run in runs
        )

    def _letters(self, text: str, place: int) -> Iterator[tuple[int, Bounds]]:
        left, bottom, right, top = self.numbers
        for offset, letter in enumerate(text):
            if letter.isspace():
                continue
            if self.raw.FPDFText_GetCharBox(self.page, self._index(place + offset), *self.box_refs):
                bounds = _upright(left.value, bottom.value, right.value, top.value)
                if bounds[2] > bounds[0] or bounds[3] > bounds[1]:
                    yield offset, bounds

    def _line(self, text: str, bounds: Bounds, first: int) -> Line:
        handle = self.raw.FPDFText_GetTextObject(self.page, first)
        painted = self.known.get(ctypes.addressof(handle.contents)) if handle else None
        angle = self.raw.FPDFText_GetCharAngle(self.page, first)
        turns = (quarter(angle) + self.frame.turns) % 4 if angle > 0 else self.frame.turns % 4
        size, bold = (painted.size, painted.bold) if painted else (0.0, False)
        return Line(_clean(text), *self.frame.shown(bounds), size, bold, turns)

    def _index(self, place: int) -> int:
        return place if self.is_plain else int(self.raw.FPDFText_GetCharIndexFromTextIndex(self.page, place))

    def _rects(self, first: int, count: int) -> list[Bounds]:
        left, bottom, right, top = self.numbers
        number = self.raw.FPDFText_CountRects(self.page, first, count) if first >= 0 else 0
        return [
            _upright(left.value, bottom.value, right.value, top.value)
            for rect in range(number)
            if self.raw.FPDFText_GetRect(self.page, rect, *self.rect_refs)
        ]

    def _is_inside(self, rect: Bounds) -> bool:
        left, bottom, right, top = rect
        frame = self.frame
        return (
            left >= frame.left - _MARGIN
            and right <= frame.right + _MARGIN
            and bottom >= frame.bottom - _MARGIN
            and top <= frame.top + _MARGIN
        )


def put_together(lines: Sequence[tuple[Line, ...]]) -> list[tuple[Line, ...]]:
    """Lines without the breaks that raised letters make: what goes on at the same height is one line."""
    made: list[tuple[Line, ...]] = []
    for parts in lines:
        if made and _goes_on(made[-1][-1], parts[0]):
            made[-1] = (*made[-1][:-1], joined((made[-1][-1], parts[0])), *parts[1:])
        else:
            made.append(parts)
    return made


def joined(parts: Sequence[Line]) -> Line:
    """Parts of a line as one."""
    if len(parts) == 1:
        return parts[0]
    text = parts[0].text
    spread = False
    for before, part in itertools.pairwise(parts):
        gap = part.x0 - before.x1
        close = gap < 0.15 * max(part.height, before.height)
        is_column = len(text) > _BULLET or bool(_WORD.fullmatch(text))
        spread = spread or (gap > _WIDE_GAP * before.height and is_column)
        text += part.text if close and not part.turns else f" {part.text}"
    widest = max(parts, key=lambda part: len(part.text))
    return replace(
        widest,
        text=text,
        spread=spread or any(part.spread for part in parts),
        x0=min(part.x0 for part in parts),
        y0=min(part.y0 for part in parts),
        x1=max(part.x1 for part in parts),
        y1=max(part.y1 for part in parts),
    )


def _goes_on(before: Line, line: Line) -> bool:
    if before.turns or line.turns or before.text[-1:] in "\ufffe\x02":
        return False
    shared = min(before.y1, line.y1) - max(before.y0, line.y0)
    gap = line.x0 - before.x1
    height = max(before.height, line.height)
    return shared >= 0.5 * min(before.height, line.height) and -0.3 * height <= gap <= 0.6 * height


def _has_gap(rects: Sequence[Bounds], line: Line) -> bool:
    """True when the letters stand further apart than a blank does, in the direction of the line."""
    low, high, across = (1, 3, line.x1 - line.x0) if line.turns % 2 else (0, 2, line.height)
    wide = _WIDE_GAP * max(line.size, min(across, 3 * line.size or across))
    ordered = sorted((rect[low], rect[high]) for rect in rects)
    reached = math.inf
    for begin, end in ordered:
        if begin - reached > wide:
            return True
        reached = end if reached == math.inf else max(reached, end)
    return False


def _upright(left: float, bottom: float, right: float, top: float) -> Bounds:
    """Of turned letters pdfium may give the right side first."""
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _union(rects: Sequence[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*rects, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\t", " ").replace("\x02", "\ufffe")).strip(" ")
