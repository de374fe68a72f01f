"""Excel workbooks of 1997 to 2003, by xlrd, as text like that of present ones.

Many files of this name are web pages or present workbooks: they are read as what they are.
"""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

from ingest.formats.office.lock import OLE, unlocked
from ingest.formats.office.text import OfficeText, reading
from ingest.formats.sheet.formats import GENERAL, general, shown
from ingest.formats.sheet.sheet import Allowance, Grid, Range
from ingest.formats.sheet.text import add_sheet
from ingest.loaders import loader_for
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".xls", ".xlt", ".et")
VERSION = 1

_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")  # Excel before 1997, without a container
_DATE = "yyyy-mm-dd"
_LEAST_WHITE = 0xF8


def load(data: bytes, name: str) -> Loaded:
    """Records where a header is recognised, entries of questions and answers, else rows."""
    if not data.startswith((OLE, *_BIFF)):
        return _other(data, name)
    with reading("Excel"):
        book = _opened(data)
        text = OfficeText(Notes(reader="xlrd"))
        _sheets(book, text)
        return text.loaded()


def _other(data: bytes, name: str) -> Loaded:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if data.startswith(b"PK"):
        suffix = ".xlsx"
    elif start.startswith(b"<"):
        suffix = ".html" if b"<html" in start or b"<table" in start else ".xml"
    elif b"\0" not in start:
        suffix = ".tsv"
    else:
        raise UnreadableFile("not an Excel workbook", hint="open it in Excel and save it as XLSX")
    loaded: Loaded = loader_for(f"a{suffix}").load(data, f"{name}{suffix}")
    return loaded


def _opened(data: bytes) -> Any:
    import xlrd

    try:
        return _book(data)
    except xlrd.XLRDError as error:
        if "encrypted" not in str(error).lower():
            raise _broken(error) from error
    return _book(unlocked(data))


def _book(data: bytes) -> Any:
    import xlrd

    def read(*, looks: bool) -> Any:
        return xlrd.open_workbook(file_contents=data, formatting_info=looks, logfile=StringIO())

    try:
        return read(looks=True)
    except xlrd.XLRDError:
        raise
    except Exception:  # noqa: BLE001  # it raises anything over broken styles, which are not needed
        return _bare(read)


def _bare(read: Callable[..., Any]) -> Any:
    try:
        return read(looks=False)
    except Exception as error:
        raise _broken(error) from error


def _broken(error: Exception) -> UnreadableFile:
    return UnreadableFile(f"not an Excel workbook: {error}", hint="open it in Excel and save it as XLSX")


def _sheets(book: Any, text: OfficeText) -> None:
    """The visible sheets in their order; hidden ones are counted."""
    allowance = Allowance()
    visible = [sheet for sheet in book.sheets() if not sheet.visibility]
    for sheet in book.sheets():
        grid = Grid(allowance)
        for row, column in _cells(sheet):
            _put(book, sheet, row, column, grid, text.notes)
        grid.merged = [Range(top, left, end - 1, right - 1) for top, end, left, right in sheet.merged_cells]
        if sheet.visibility:
            text.notes.hide("hidden sheet", grid.told())
        else:
            add_sheet(sheet.name, grid, text, is_alone=len(visible) == 1)
        for note in sheet.cell_note_map.values():
            text.notes.hide("comment", note.text)


def _cells(sheet: Any) -> Iterator[tuple[int, int]]:
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind not in (0, 6):  # empty, blank
                yield row, column


def _put(book: Any, sheet: Any, row: int, column: int, grid: Grid, notes: Notes) -> None:
    """A cell into the grid, unless it is hidden."""
    style = book.xf_list[sheet.cell_xf_index(row, column)] if book.formatting_info else None
    text = _shown(book, sheet.cell(row, column), style)
    about = (("hidden row", sheet.rowinfo_map.get(row)), ("hidden column", sheet.colinfo_map.get(column)))
    reason = next((name for name, info in about if info is not None and info.hidden), "")
    if reason or (style and _is_white(book, style)):
        notes.hide(reason or "white", text)
    else:
        grid.put(row, column, text)


def _shown(book: Any, cell: Any, style: Any) -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype not in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return str(cell.value)
    found = book.format_map.get(style.format_key) if style else None
    code = found.format_str or GENERAL if found else _DATE if cell.ctype == xlrd.XL_CELL_DATE else GENERAL
    if code == GENERAL:
        return general(cell.value)
    return shown(cell.value, code, from_1904=bool(book.datemode))


def _is_white(book: Any, style: Any) -> bool:
    """White ink on no fill."""
    if style.background.fill_pattern:
        return False
    colour = book.colour_map.get(book.font_list[style.font_index].colour_index)
    return bool(colour) and min(colour) >= _LEAST_WHITE
