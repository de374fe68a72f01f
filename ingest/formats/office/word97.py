"""The binary format of Word 97 to 2003 (MS-DOC): text by the piece table, looks by the formatting pages.

Positions in the text (cp) and in the stream (fc) differ: pieces lie anywhere, in two widths.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ingest.formats.office.lock import unlocked
from ingest.formats.office.ole import Compound

_MAGIC, _MAGIC_95 = 0xA5EC, 0xA5DC
_CHPX, _PAPX, _CLX = 0xFA, 0x102, 0x1A2  # where the header says where these are
_LENGTHS = 0x4C  # of the parts of the text
_PARTS = ("body", "footnotes", "heads", "macros", "comments", "endnotes", "boxes", "boxes of heads")
_PAGE = 512
_COMPRESSED = 1 << 30
_MOST_PIECES = 1_000_000
# Single properties (sprm) that are looked at.
_STYLE, _ROW_END, _LIST, _DEPTH, _OUTLINE = 0x4600, 0x2417, 0x460B, 0x260A, 0x2640
_DELETED, _VANISH, _SIZE, _ICO, _COLOUR = 0x0800, 0x083C, 0x4A43, 0x2A42, 0x6870
_SHADES = frozenset({0x4866, 0xCA71, 0x2A0C})
_GROUNDS = frozenset({0x442D, 0xC64D, 0x2416})  # the last: it stands in a table
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_TINY = 3  # half points
_WHITE_INK = 8


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What the format says of a paragraph; `level` is that of a heading, `depth` that of a list item."""

    level: int | None = None
    depth: int | None = None
    is_row_end: bool = False
    may_be_shaded: bool = False


@dataclass(slots=True)
class Word97:
    """An open document. `parts` holds the stretches of text by their name."""

    stream: bytes
    text: str
    parts: dict[str, tuple[int, int]]
    _starts: list[int] = field(default_factory=list)  # cp of each piece
    _places: list[tuple[int, int]] = field(default_factory=list)  # fc and width of each piece
    _paragraphs: list[tuple[int, bytes]] = field(default_factory=list)  # fc where it ends, its properties
    _runs: list[tuple[int, bytes]] = field(default_factory=list)

    def paragraph(self, cp: int) -> Paragraph:
        """The format of the paragraph that holds a character."""
        raw = _at(self._paragraphs, self._fc(cp))
        if len(raw) < 2:
            return Paragraph()
        style, said = struct.unpack_from("<H", raw)[0], dict(_properties(raw[2:]))
        style = said.get(_STYLE, style)
        outline = said.get(_OUTLINE, 9)
        level = style if 1 <= style <= 9 else outline + 1 if outline < 9 else None
        depth = said.get(_DEPTH, 0) if said.get(_LIST, 0) else None
        return Paragraph(level, depth, bool(said.get(_ROW_END)), not _GROUNDS.isdisjoint(said))

    def stretches(self, start: int, end: int) -> Iterator[tuple[str, str]]:
        """Stretches of the text with one look each: why nobody sees it, or '', and the text."""
        while start < end:
            piece = bisect_right(self._starts, start) - 1
            until = self._starts[piece + 1] if piece + 1 < len(self._starts) else end
            fc, width = self._fc(start), self._places[piece][1] if self._places else 1
            found = bisect_right(self._runs, (fc, b"\xff" * 2))
            if found < len(self._runs):
                until = min(until, start + max(1, (self._runs[found][0] - fc) // width))
            until = min(until, end)
            raw = self._runs[found][1] if found < len(self._runs) else b""
            yield _hidden(raw) if raw else "", self.text[start:until]
            start = until

    def _fc(self, cp: int) -> int:
        piece = bisect_right(self._starts, cp) - 1
        if piece < 0 or not self._places:
            return -1
        fc, width = self._places[piece]
        return fc + (cp - self._starts[piece]) * width


def opened(data: bytes) -> Word97:
    """The document. `UnreadableFile` for what is none, or is locked with an unknown password."""
    file = Compound(data, "Word")
    stream = file.needed("WordDocument")
    magic, flags = struct.unpack_from("<H", stream)[0], struct.unpack_from("<H", stream, 0x0A)[0]
    if flags & 0x0100:
        file = Compound(unlocked(data), "Word")
        stream = file.needed("WordDocument")
    if magic == _MAGIC_95:
        return _word95(stream)
    if magic != _MAGIC:
        raise file.broken()
    table = file.needed("1Table" if flags & 0x0200 else "0Table")
    made = _pieces(stream, table)
    made._paragraphs = list(_formats(stream, table, _PAPX, _papx))
    made._runs = list(_formats(stream, table, _CHPX, _chpx))
    return made


def _word95(stream: bytes) -> Word97:
    """Word 6 and 95: one stretch of bytes, without formats."""
    first, last = struct.unpack_from("<II", stream, 0x18)
    language = struct.unpack_from("<H", stream, 0x06)[0]
    page = {0x0804: "gb18030", 0x0404: "cp950", 0x0411: "cp932", 0x0412: "cp949"}.get(language, "cp1252")
    text = stream[first:last].decode(page, "replace")
    return Word97(stream, text, {"body": (0, len(text))}, [0], [(first, 1)])


def _pieces(stream: bytes, table: bytes) -> Word97:
    place, length = struct.unpack_from("<II", stream, _CLX)
    clx = table[place : place + length]
    at = 0
    while at < len(clx) and clx[at] == 1:  # properties that pieces share
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    size = struct.unpack_from("<I", clx, at + 1)[0]
    count = min((size - 4) // 12, _MOST_PIECES)
    starts = list(struct.unpack_from(f"<{count + 1}I", clx, at + 5))
    texts, places = [], []
    for number in range(count):
        fc = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * number + 2)[0]
        width = 1 if fc & _COMPRESSED else 2
        begin = (fc & (_COMPRESSED - 1)) // (3 - width)
        wanted = max(0, starts[number + 1] - starts[number])
        raw = stream[begin : begin + wanted * width]
        # One code unit a character: halves of a character meet when the text is said.
        said = raw.decode("cp1252", "replace") if width == 1 else _units(raw)
        texts.append(said.ljust(min(wanted, len(stream)), "\0"))
        places.append((begin, width))
    text = "".join(texts)
    return Word97(stream, text, _parts(stream, len(text)), starts[:count], places)


def _units(raw: bytes) -> str:
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw[: len(raw) // 2 * 2])))


def _parts(stream: bytes, length: int) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    start = 0
    for name, size in zip(_PARTS, struct.unpack_from(f"<{len(_PARTS)}I", stream, _LENGTHS), strict=True):
        end = min(start + size, length)
        found[name] = (start, end)
        start = end
    return found


_Reader = Callable[[bytes, int, int], bytes]


def _formats(stream: bytes, table: bytes, header: int, kind: _Reader) -> Iterator[tuple[int, bytes]]:
    """The end (fc) and properties of each run or paragraph, from the pages that the table names."""
    place, length = struct.unpack_from("<II", stream, header)
    plc = table[place : place + length]
    count = (len(plc) - 4) // 8
    for number in range(max(0, count)):
        page = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * number)[0] & 0x3FFFFF
        sheet = stream[page * _PAGE : (page + 1) * _PAGE]
        if len(sheet) == _PAGE:
            runs = sheet[_PAGE - 1]
            for run in range(min(runs, 101)):
                yield struct.unpack_from("<I", sheet, 4 * run + 4)[0], kind(sheet, runs, run)


def _papx(sheet: bytes, runs: int, run: int) -> bytes:
    at = sheet[4 * (runs + 1) + 13 * run] * 2
    if not at:
        return b""
    words = sheet[at]
    if words:
        return sheet[at + 1 : at + 2 * words]
    return sheet[at + 2 : at + 2 + 2 * sheet[at + 1]]


def _chpx(sheet: bytes, runs: int, run: int) -> bytes:
    at = sheet[4 * (runs + 1) + run] * 2
    return sheet[at + 1 : at + 1 + sheet[at]] if at else b""


def _at(formats: list[tuple[int, bytes]], fc: int) -> bytes:
    found = bisect_right(formats, (fc, b"\xff" * 2))
    return formats[found][1] if found < len(formats) else b""


def _properties(raw: bytes) -> Iterator[tuple[int, int]]:
    """Each property with its value; long ones with 1."""
    at = 0
    while at + 2 < len(raw):
        sprm = struct.unpack_from("<H", raw, at)[0]
        size = _SIZES.get(sprm >> 13, 0)
        if size:
            yield sprm, int.from_bytes(raw[at + 2 : at + 2 + size], "little")
        else:
            size = raw[at + 2] + 1
            yield sprm, 1
        at += 2 + size


def _hidden(raw: bytes) -> str:
    """Why nobody sees a run, or ''."""
    said = dict(_properties(raw))
    if said.get(_VANISH) in (1, 0x81):
        return "vanish"
    if said.get(_DELETED) in (1, 0x81):
        return "deleted"
    if said.get(_SIZE, 24) <= _TINY:
        return "tiny"
    is_white = said.get(_ICO) == _WHITE_INK or said.get(_COLOUR, 0) & 0xFFFFFF == 0xFFFFFF
    return "white" if is_white and not _SHADES & said.keys() else ""
