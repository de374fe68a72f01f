"""The pages of a document by pdfium: hidden text off, lines and tables found, in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.pdf.hidden import Judge
from ingest.formats.pdf.objects import painted
from ingest.formats.pdf.order import in_order
from ingest.formats.pdf.read import Reader, put_together
from ingest.formats.pdf.tables import tables
from ingest.formats.pdf.types import Bounds, Frame, Line, Page, Table
from rag.errors import UnreadableFile

MOST_NOTES = 2_000
_IMAGE = 3  # pdfium's kind of object


@dataclass(slots=True)
class Pages:
    """Reads one page after another, and gathers what the report says of them."""

    document: Any
    judge: Judge = field(default_factory=Judge)
    broken: list[int] = field(default_factory=list)
    tables: int = 0

    def read(self, number: int) -> Page:
        """The page of that number from 0; an empty one where it is broken, for others may be whole.

        `UnreadableFile`, state `quarantined`, where its text cannot be looked at for what is hidden.
        """
        import pypdfium2 as pdfium

        try:
            page = _opened(self.document, number)
        except pdfium.PdfiumError:
            self.broken.append(number)
            return Page()
        try:
            return self._read(page, number)
        except (pdfium.PdfiumError, ValueError, ArithmeticError, LookupError) as error:
            raise UnreadableFile(
                f"page {number + 1} cannot be searched for hidden text: {error}",
                state="quarantined",
                hint="print it to a new PDF, and ingest that",
            ) from error
        finally:
            page.close()

    def _read(self, page: Any, number: int) -> Page:
        left, bottom, right, top = page.get_bbox()
        frame = Frame(left, bottom, right, top, page.get_rotation() // 90)
        objects = painted(page)
        self.judge.clear(page, number, objects, frame)
        textpage = page.get_textpage()
        reader = Reader(textpage, frame, objects)
        lines = put_together(reader.lines())
        lines, found = tables(objects, frame, lines, lambda box: _bounded(textpage, frame.user(box)))
        blocks = in_order(lines, found) if lines or found else []
        textpage.close()
        if reader.off_page:
            self.judge.hidden["off page"] += reader.off_page
        self.tables += len(found)
        pictures = sum(each.kind == _IMAGE for each in objects)
        return Page(tuple(tuple(_flat(block)) for block in blocks), *frame.size(), pictures)


def _flat(block: "tuple[Line | Table, ...]") -> Iterator[Line]:
    for item in block:
        if isinstance(item, Table):
            yield from item.rows
        else:
            yield item


def _bounded(textpage: Any, box: Bounds) -> str:
    left, bottom, right, top = box
    found: str = textpage.get_text_bounded(left, bottom, right, top)
    return found


def _opened(document: Any, number: int) -> Any:
    page = document[number]
    if _is_filled_in(page):
        page.close()
        page = document[number]
    return page


def _is_filled_in(page: Any) -> bool:
    """True when form fields and notes were made part of the page, which must then be loaded anew."""
    from pypdfium2 import raw

    for number in range(min(raw.FPDFPage_GetAnnotCount(page.raw), MOST_NOTES)):
        note = raw.FPDFPage_GetAnnot(page.raw, number)
        kind = raw.FPDFAnnot_GetSubtype(note)
        raw.FPDFPage_CloseAnnot(note)
        if kind in (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP):
            return bool(raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)
    return False


def outline(document: Any, most: int) -> Iterator[tuple[int, int, str]]:
    """Page from 0, level from 1 and title of each entry."""
    for count, entry in enumerate(document.get_toc(max_depth=6)):
        if count >= most:
            return
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield page, entry.level + 1, entry.get_title()
