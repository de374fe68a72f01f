"""The cells of one Excel sheet, read as a stream."""

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.ooxml.package import SHEET, Package
from ingest.formats.ooxml.sheet_styles import CellStyle
from ingest.formats.sheet.formats import GENERAL, general, shown
from ingest.formats.sheet.sheet import Grid, Range
from ingest.notes import Notes

_ROW, _CELL, _VALUE, _FORMULA, _TEXT = (f"{SHEET}{tag}" for tag in ("row", "c", "v", "f", "t"))
_COLUMN, _MERGED = f"{SHEET}col", f"{SHEET}mergeCell"
# What may lay a ground under cells whose own style has none.
_GROUNDS = frozenset(f"{SHEET}{tag}" for tag in ("conditionalFormatting", "tablePart", "picture", "drawing"))
_PHONETIC = f"{SHEET}rPh"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LAST_COLUMN = 16_383


@dataclass(slots=True)
class SheetReader:
    """Reads sheets of one workbook. `unsaved` counts formulas whose results are not in the file."""

    package: Package
    strings: list[str]
    styles: list[CellStyle]
    notes: Notes
    from_1904: bool = False
    unsaved: int = 0
    _hidden: set[int] = field(default_factory=set)  # columns of the present sheet
    _white: dict[tuple[int, int], None] = field(default_factory=dict)

    def read(self, part: str, grid: Grid) -> None:
        """Put the visible cells of a sheet into the grid."""
        self._hidden, self._white = set(), {}
        row, ground = -1, False
        for element in self.package.stream(part, [_ROW, _COLUMN, _MERGED, *_GROUNDS]):
            if element.tag == _ROW:
                row = self._row(element, row + 1, grid)
            elif element.tag == _COLUMN:
                self._column(element)
            elif element.tag == _MERGED:
                grid.merged += _range(element.get("ref") or "")
            else:
                ground = True
        for at in () if ground else self._white:
            self.notes.hide("white", grid.take(*at))

    def _row(self, element: Any, usual: int, grid: Grid) -> int:
        said = element.get("r") or ""
        row = int(said) - 1 if said.isdecimal() and 0 < len(said) < 9 else usual
        hidden = element.get("hidden") in ("1", "true")
        column = -1
        for cell in element.iterchildren(_CELL):
            column = _column(cell.get("r") or "", column + 1)
            if not len(cell) or column > _LAST_COLUMN:
                continue
            style = self._style(cell)
            text = self._text(cell, style)
            if hidden or column in self._hidden:
                self.notes.hide("hidden row" if hidden else "hidden column", text)
            elif text:
                grid.put(row, column, text)
                if style.is_white:
                    self._white[row, column] = None
        return row

    def _column(self, element: Any) -> None:
        first, last = element.get("min") or "", element.get("max") or ""
        if element.get("hidden") in ("1", "true") and (first + last).isdecimal() and len(first + last) < 16:
            self._hidden.update(range(int(first) - 1, min(int(last), _LAST_COLUMN + 1)))

    def _style(self, cell: Any) -> CellStyle:
        said = cell.get("s") or ""
        index = int(said) if said.isdecimal() and len(said) < 9 else -1
        return self.styles[index] if 0 <= index < len(self.styles) else _PLAIN

    def _text(self, cell: Any, style: CellStyle) -> str:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return rich(cell)
        value = cell.findtext(_VALUE) or ""
        if not value:
            self.unsaved += cell.find(_FORMULA) is not None
        elif kind == "s":
            return self.strings[int(value)] if value.isdecimal() and int(value) < len(self.strings) else ""
        elif kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        elif kind == "n":
            return self._number(value, style)
        elif kind == "d":
            return value.replace("T00:00:00", "").replace("T", " ").removesuffix("Z")
        return unescaped(value)

    def _number(self, value: str, style: CellStyle) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        if number - number != 0:  # infinite or none
            return value
        if style.code == GENERAL:
            return general(number)
        text = shown(number, style.code, from_1904=self.from_1904)
        if not text:
            self.notes.hide("not displayed", value)
        return text


_PLAIN = CellStyle()


def rich(element: Any) -> str:
    """The text of a string with formats in it, without the readings of its characters."""
    texts = (t.text or "" for t in element.iter(_TEXT) if t.getparent().tag != _PHONETIC)
    return unescaped("".join(texts))


def unescaped(text: str) -> str:
    """Excel writes characters that XML cannot hold as `_x000D_`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _column(reference: str, usual: int) -> int:
    found = _REFERENCE.fullmatch(reference)
    return _number_of(found[1]) if found else usual


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _range(reference: str) -> list[Range]:
    found = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    corners = [(int(match[2]) - 1, _number_of(match[1])) for match in found if match]
    if len(corners) != 2:
        return []
    return [Range(*corners[0], *corners[1])]
