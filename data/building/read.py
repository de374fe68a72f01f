"""The text of a sample, read without kb's loaders: a second opinion for the checks."""

import csv
import email
import email.policy
import io
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdfium2
from pptx.shapes.graphfrm import GraphicFrame


def text_of(path: Path, password: str | None = None) -> str:
    """Everything a reader of the file would see, one cell or paragraph a line."""
    read = _READERS.get(path.suffix)
    if path.suffix == ".pdf":
        return _pdf(path, password)
    return "\n".join(read(path)) if read else path.read_bytes().decode()


def _pdf(path: Path, password: str | None) -> str:
    with pypdfium2.PdfDocument(path, password=password) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def _docx(path: Path) -> Iterator[str]:
    document = docx.Document(str(path))
    yield from (paragraph.text for paragraph in document.paragraphs)
    for table in document.tables:
        yield from (cell.text for row in table.rows for cell in row.cells)


def _xlsx(path: Path) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(path):
        yield sheet.title
        yield from (str(value) for row in sheet.values for value in row if value is not None)


def _pptx(path: Path) -> Iterator[str]:
    for slide in pptx.Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if isinstance(shape, GraphicFrame) and shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
            yield slide.notes_slide.notes_text_frame.text


def _eml(path: Path) -> Iterator[str]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    yield from (str(message[name]) for name in ("From", "To", "Subject", "Date"))
    body = message.get_body(("plain",))
    yield body.get_content() if body else ""


def _csv(path: Path) -> Iterator[str]:
    for row in csv.reader(io.StringIO(path.read_bytes().decode())):
        yield from row


def _json(path: Path) -> Iterator[str]:
    yield from _leaves(json.loads(path.read_bytes()))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
        return
    yield str(value)


class _Visible(HTMLParser):
    """Collects text outside of head, style and script."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("head", "style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("head", "style", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.lines.append(data)


def _html(path: Path) -> Iterator[str]:
    parser = _Visible()
    parser.feed(path.read_bytes().decode())
    yield from parser.lines


_READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".pptx": _pptx,
    ".eml": _eml,
    ".csv": _csv,
    ".json": _json,
    ".html": _html,
}
