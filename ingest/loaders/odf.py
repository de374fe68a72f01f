"""OpenDocument texts, spreadsheets and presentations, zipped or flat, as those of Office are read."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.odf.document import DRAW, OFFICE, SHOW, SVG, TEXT, Odf, opened, points
from ingest.formats.odf.sheets import add_sheets
from ingest.formats.odf.text import GRID, HEADING, PARAGRAPH, OdfReader
from ingest.formats.office.text import OfficeText, reading
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".odt", ".ods", ".odp", ".ott", ".ots", ".otp", ".fodt", ".fods", ".fodp")
VERSION = 1

_PAGE_BREAK = f"{TEXT}soft-page-break"
_ROW = 30.0  # points: shapes whose tops differ by less stand side by side


def load(data: bytes, name: str) -> Loaded:
    """Headings, lists and tables of a text; records of sheets; a page a slide or sheet."""
    with reading("LibreOffice"):
        notes = Notes(reader="kb")
        odf = opened(data, notes)
        text = OfficeText(notes)
        if odf.body.tag == f"{OFFICE}spreadsheet":
            add_sheets(odf.body, odf, text)
        elif odf.body.tag == f"{OFFICE}presentation":
            for page in odf.body.iterchildren(f"{DRAW}page"):
                _slide(page, odf, text)
        else:
            _text(odf, text)
        text.title = text.title or odf.title
        return text.loaded()


def _text(odf: Odf, text: OfficeText) -> None:
    reader = OdfReader(odf, text)
    has_pages = next(odf.body.iter(_PAGE_BREAK), None) is not None
    text.page()
    reader.add(odf.body)
    if not has_pages:
        text.pages.clear()  # a program that does not say where its pages broke
    text.unheaded()
    for number, note in enumerate(reader.noted, 1):
        text.paragraph(f"[{number}] {note}")


def _slide(page: Any, odf: Odf, text: OfficeText) -> None:
    style = page.get(f"{DRAW}style-name")
    if odf.says("drawing-page", style, f"{SHOW}visibility") == "hidden":
        text.notes.hide("hidden slide", "".join(page.itertext()))
        return
    text.page()
    reader = OdfReader(odf, text)
    frames = list(_in_order(page))
    title = next((f for f in frames if f.get(f"{SHOW}class") == "title"), None)
    said = "" if title is None else " ".join(map(reader.said, title.iter(PARAGRAPH, HEADING)))
    if said.strip():
        text.heading(said, 1)
    else:
        text.unheaded()
    for frame in (f for f in frames if f is not title):
        _frame(frame, reader, text)
    _notes(page, reader, text)


def _frame(frame: Any, reader: OdfReader, text: OfficeText) -> None:
    table = next(frame.iter(GRID), None)
    if table is not None:
        text.table(reader.rows(table))
    else:
        reader.add(frame)


def _notes(page: Any, reader: OdfReader, text: OfficeText) -> None:
    for notes in page.iterchildren(f"{SHOW}notes"):
        lines = [reader.said(p).strip() for p in notes.iter(PARAGRAPH)]
        if said := "\n".join(line for line in lines if line):
            text.paragraph(f"Notes:\n{said}")


def _in_order(page: Any) -> Iterator[Any]:
    """Shapes from top to bottom, and from left to right where their tops are level."""
    shapes = [s for s in page if str(s.tag).startswith(DRAW)]
    placed = [(points(s.get(f"{SVG}y") or ""), points(s.get(f"{SVG}x") or ""), s) for s in shapes]
    placed.sort(key=lambda found: (found[0] // _ROW, found[1]))
    return (shape for _, _, shape in placed)
