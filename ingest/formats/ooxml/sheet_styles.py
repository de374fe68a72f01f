"""Styles of an Excel workbook: how the number of a cell is shown, and whether its ink is white."""

from dataclasses import dataclass
from typing import Any

from ingest.formats.ooxml.package import SHEET
from ingest.formats.ooxml.word_styles import is_white
from ingest.formats.sheet.formats import BUILT_IN, GENERAL


@dataclass(frozen=True, slots=True)
class CellStyle:
    """The number format of a cell; `is_white` is white ink on no fill."""

    code: str = GENERAL
    is_white: bool = False


def cell_styles(root: Any) -> list[CellStyle]:
    """The styles that cells name by their index; none when there is no `styles.xml`."""
    if root is None:
        return []
    codes = dict(BUILT_IN)
    for element in root.iter(f"{SHEET}numFmt"):
        if (number := element.get("numFmtId") or "").isdecimal():
            codes[int(number)] = element.get("formatCode") or GENERAL
    white = [_is_white(font) for font in root.iterfind(f"{SHEET}fonts/{SHEET}font")]
    filled = [_is_filled(fill) for fill in root.iterfind(f"{SHEET}fills/{SHEET}fill")]
    return [
        CellStyle(
            codes.get(_index(element, "numFmtId"), GENERAL),
            _at(white, _index(element, "fontId")) and not _at(filled, _index(element, "fillId")),
        )
        for element in root.iterfind(f"{SHEET}cellXfs/{SHEET}xf")
    ]


def _is_white(font: Any) -> bool:
    colour = font.find(f"{SHEET}color")
    if colour is None:
        return False
    if colour.get("theme") == "0":  # the ground of the window
        return float(colour.get("tint") or 0) == 0
    return is_white((colour.get("rgb") or "")[-6:])


def _is_filled(fill: Any) -> bool:
    pattern = fill.find(f"{SHEET}patternFill")
    return pattern is None or pattern.get("patternType") not in (None, "none")


def _index(element: Any, name: str) -> int:
    said = element.get(name) or ""
    return int(said) if said.isdecimal() and len(said) < 9 else 0


def _at(flags: list[bool], index: int) -> bool:
    return flags[index] if index < len(flags) else False
