"""Excel workbooks: a page and a section a sheet, values as Excel shows them.

Sheets are read as streams, so an inflated used range costs nothing. Formulas give the results that
were saved with them. Hidden sheets, rows and columns are left out and counted.
"""

import re
from typing import Any

from ingest.formats.office.text import OfficeText, reading
from ingest.formats.ooxml.graphics import drawn
from ingest.formats.ooxml.package import DRAWING, RELATION, SHEET, Package
from ingest.formats.ooxml.sheet_cells import SheetReader, rich
from ingest.formats.ooxml.sheet_styles import cell_styles
from ingest.formats.sheet.sheet import MOST_CHARACTERS, Allowance, Grid
from ingest.formats.sheet.text import add_sheet
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
VERSION = 1

_STRING = f"{SHEET}si"
_UNTITLED = re.compile(r"(?:book|workbook|工作簿|新建 .*)\s*\d*", re.IGNORECASE)


def load(data: bytes, name: str) -> Loaded:
    """Records where a header is recognised, entries of questions and answers, else rows."""
    with reading("Excel"):
        notes = Notes(reader="kb")
        package = Package(data, "Excel", notes)
        part, root = package.main("xl/workbook.xml")
        text = OfficeText(notes)
        reader = _reader(package, part, root, notes)
        _sheets(package, part, root, reader, text)
        if reader.unsaved:
            notes.warn(f"{reader.unsaved} formulas have no stored result: open it in Excel and save it")
        if not _UNTITLED.fullmatch(package.title):
            text.title = package.title
        return text.loaded()


def _reader(package: Package, part: str, root: Any, notes: Notes) -> SheetReader:
    said = root.find(f"{SHEET}workbookPr")
    from_1904 = said is not None and said.get("date1904") in ("1", "true")
    styles = cell_styles(next(package.related(part, "styles"), None))
    return SheetReader(package, _strings(package, part), styles, notes, from_1904)


def _strings(package: Package, part: str) -> list[str]:
    """The strings that cells name by their index."""
    found: list[str] = []
    left = MOST_CHARACTERS
    for relation in package.relations(part):
        if relation.kind == "sharedStrings":
            for element in package.stream(relation.target, [_STRING]):
                found.append(rich(element))
                left -= len(found[-1])
                if left < 0:
                    raise UnreadableFile(
                        "it holds too much text", state="too large", hint="divide the workbook"
                    )
    return found


def _sheets(package: Package, part: str, root: Any, reader: SheetReader, text: OfficeText) -> None:
    """The visible sheets in their order; hidden ones are counted."""
    known = {r.id: r.target for r in package.relations(part) if r.kind in ("worksheet", "chartsheet")}
    allowance = Allowance()
    sheets = list(root.iter(f"{SHEET}sheet"))
    visible = [sheet for sheet in sheets if not _is_hidden(sheet)]
    for sheet in sheets:
        name, target = sheet.get("name") or "", known.get(sheet.get(f"{RELATION}id") or "")
        if target is None:
            text.notes.warn(f"a sheet is missing: {name}")
            continue
        grid = Grid(allowance)
        reader.read(target, grid)
        if _is_hidden(sheet):
            text.notes.hide("hidden sheet", grid.told())
        else:
            add_sheet(name, grid, text, is_alone=len(visible) == 1)
            _beside(package, target, text)


def _is_hidden(sheet: Any) -> bool:
    return sheet.get("state") in ("hidden", "veryHidden")


def _beside(package: Package, sheet: str, text: OfficeText) -> None:
    """Text boxes and charts that lie on a sheet; comments are counted."""
    for relation in package.relations(sheet):
        if relation.kind == "drawing" and (root := package.xml(relation.target)) is not None:
            for paragraph in root.iter(f"{DRAWING}p"):
                text.paragraph("".join(t.text or "" for t in paragraph.iter(f"{DRAWING}t")))
            for said in drawn(root, package, relation.target):
                text.paragraph(said)
    for kind in ("comments", "threadedComment"):
        for root in package.related(sheet, kind):
            for comment in root.iter("{*}comment", "{*}threadedComment"):
                text.notes.hide("comment", "".join(comment.itertext()))
