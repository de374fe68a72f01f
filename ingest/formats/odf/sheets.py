"""Sheets of an OpenDocument spreadsheet. Cells hold the text that is shown, so formats need no reading."""

from typing import Any

from ingest.formats.odf.document import OFFICE, TABLE, Odf, repeats
from ingest.formats.odf.text import CELL, GRID, PARAGRAPH, ROW, OdfReader
from ingest.formats.office.text import OfficeText
from ingest.formats.sheet.sheet import Allowance, Grid, Range
from ingest.formats.sheet.text import add_sheet

_COLUMN = f"{TABLE}table-column"
_COVERED = f"{TABLE}covered-table-cell"
_ROWS_REPEATED, _COLUMNS_REPEATED = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
_MOST = 1 << 20  # rows or columns that one stands for
_MOST_COPIES = 1_000  # of one that holds something
_HIDDEN = ("collapse", "filter")


def add_sheets(body: Any, odf: Odf, text: OfficeText) -> None:
    """A page a sheet; hidden ones are counted."""
    sheets = body.findall(GRID)
    visible = [sheet for sheet in sheets if not _is_hidden(sheet, odf)]
    allowance = Allowance()
    for sheet in sheets:
        grid = Grid(allowance)
        _fill(sheet, OdfReader(odf, text), grid)
        name = sheet.get(f"{TABLE}name") or ""
        if _is_hidden(sheet, odf):
            text.notes.hide("hidden sheet", grid.told())
        else:
            add_sheet(name, grid, text, is_alone=len(visible) == 1)


def _is_hidden(sheet: Any, odf: Odf) -> bool:
    return odf.says("table", sheet.get(f"{TABLE}style-name"), f"{TABLE}display") == "false"


def _fill(sheet: Any, reader: OdfReader, grid: Grid) -> None:
    hidden = _hidden_columns(sheet)
    row = 0
    for element in sheet.iter(ROW):
        copies = repeats(element, _ROWS_REPEATED, _MOST)
        cells = _cells(element, reader, grid, row)
        unseen = element.get(f"{TABLE}visibility") in _HIDDEN
        for copy in range(min(copies, _MOST_COPIES) if cells else 0):
            for column, said in cells.items():
                if unseen or column in hidden:
                    reader.text.notes.hide("hidden row" if unseen else "hidden column", said)
                else:
                    grid.put(row + copy, column, said)
        row += copies


def _cells(element: Any, reader: OdfReader, grid: Grid, row: int) -> dict[int, str]:
    """The cells of a row that hold anything."""
    found: dict[int, str] = {}
    column = 0
    for cell in element.iterchildren(CELL, _COVERED):
        copies = repeats(cell, _COLUMNS_REPEATED, _MOST)
        for comment in cell.iterchildren(f"{OFFICE}annotation"):
            reader.text.notes.hide("comment", "".join(comment.itertext()))
        said = "\n".join(map(reader.said, cell.iterchildren(PARAGRAPH)))
        if said.strip():
            found |= dict.fromkeys(range(column, column + min(copies, _MOST_COPIES)), said)
            wide = repeats(cell, f"{TABLE}number-columns-spanned", _MOST)
            high = repeats(cell, f"{TABLE}number-rows-spanned", _MOST)
            if wide > 1 or high > 1:
                grid.merged.append(Range(row, column, row + high - 1, column + wide - 1))
        column += copies
    return found


def _hidden_columns(sheet: Any) -> set[int]:
    found: set[int] = set()
    column = 0
    for element in sheet.iter(_COLUMN):
        copies = repeats(element, _COLUMNS_REPEATED, _MOST)
        if element.get(f"{TABLE}visibility") in _HIDDEN:
            found.update(range(column, min(column + copies, 1 << 14)))
        column += copies
    return found
