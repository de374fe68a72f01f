"""PDF: lines and boxes of each page by pdfium; pypdf reads what pdfium cannot open.

The canonical text is the pages' paragraphs in reading order, pages divided by a blank line. Running
heads, page numbers and text that no reader sees are left out and counted. Ruled tables are rows.
Headings come from the file's own outline, else from the size of letters. Pages that are pictures are
read by OCR where that extra is installed.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ingest import ocr, options
from ingest.formats.pdf import pypdf as pypdf
from ingest.formats.pdf.compose import compose
from ingest.formats.pdf.headings import MOST as MOST_HEADINGS
from ingest.formats.pdf.headings import Outline
from ingest.formats.pdf.pages import Pages, outline
from ingest.formats.pdf.pictures import read_pictures
from ingest.formats.pdf.types import Line, Page
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".pdf",)
VERSION = 3

MOST_PAGES = 20_000
_LONGEST_TITLE = 1_000


_UNTITLED = re.compile(
    r"^(?:untitled|无标题|microsoft .* - .*|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|pptx?|xlsx?))$", re.IGNORECASE
)


def load(data: bytes, name: str) -> Loaded:
    """Text with pages and boxes; `UnreadableFile` with one of the states that `rag/errors.py` names."""
    if b"%PDF-" not in data[:4096] and b"%PDF-" not in data[-4096:]:
        raise UnreadableFile("not a PDF", hint="export it as PDF again")
    document = _opened(data)
    if document is None:
        return _by_pypdf(data)
    try:
        return _by_pdfium(document) or _by_pypdf(data)
    finally:
        document.close()


def _opened(data: bytes) -> Any:
    """pdfium's document; None where pdfium cannot read it."""
    import pypdfium2 as pdfium

    locked = False
    for password in (None, *options.current().passwords):
        try:
            return pdfium.PdfDocument(data, password=password)
        except pdfium.PdfiumError as error:
            locked = "password" in str(error).lower()
            if not locked:
                return None
    raise _locked()


def _by_pdfium(document: Any) -> Loaded | None:
    """None where not one page can be read."""
    notes = Notes("pypdfium2", pages=len(document))
    found = Pages(document)
    pages = [found.read(number) for number in range(min(len(document), MOST_PAGES))]
    if len(found.broken) == len(pages):
        return None
    _note(notes, document, found)
    if notes.hidden and not any(page.blocks or page.pictures for page in pages):
        raise _quarantined("all of its text is hidden", notes)
    pages = read_pictures(document, pages, found.broken, notes)
    title = str(document.get_metadata_dict().get("Title", ""))[:_LONGEST_TITLE].strip()
    return _loaded(title, list(outline(document, MOST_HEADINGS)), pages, notes)


def _note(notes: Notes, document: Any, found: Pages) -> None:
    """What was noticed of the pages. `UnreadableFile` where hidden text is not to be ingested at all."""
    notes.tables = found.tables
    for number in range(document.count_attachments()):
        notes.attach(document.get_attachment(number).get_name())
    if len(document) > MOST_PAGES:
        notes.warn(f"pages after {MOST_PAGES} are not read")
    for number in found.broken:
        notes.warn(f"page {number + 1} is broken: it is not read")
    if found.judge.scans:
        notes.warn("the words of scanned pages are those of the text layer of a scan, and may hold mistakes")
    for reason, texts in found.judge.hidden.items():
        for text in texts:
            notes.hide(reason, text)
    if notes.hidden and options.current().hidden_text == "quarantine":
        raise _quarantined("it holds hidden text", notes)


def _by_pypdf(data: bytes) -> Loaded:
    read = pypdf.read(data, options.current().passwords, MOST_PAGES)
    if read is None:
        raise _locked()
    title, texts = read
    if not any(text.strip() for text in texts):
        raise ocr.needed("no page has a text layer: it is a scan, or damaged")
    notes = Notes("pypdf", pages=len(texts))
    notes.warn("only pypdf can read it: there are no boxes, tables or headings")
    pages = [_plain(text) for text in texts]
    loaded = _loaded(title, [], pages, notes)
    return replace(loaded, boxes=())


def _plain(text: str) -> Page:
    lines = [Line(line.rstrip(), 0, 0, 0, 0) for line in text.splitlines()]
    return Page((tuple(lines),) if any(line.text for line in lines) else ())


def _loaded(title: str, entries: Outline, pages: Sequence[Page], notes: Notes) -> Loaded:
    made = compose(pages, entries)
    notes.pages_without_text = list(made.empty)
    report = notes.report() | ({"running_lines": made.running_lines} if made.running_lines else {})
    return Loaded(
        made.text,
        title="" if _UNTITLED.match(title) else title,
        sections=made.sections,
        pages=made.pages,
        boxes=made.boxes,
        report=report,
    )


def _quarantined(what: str, notes: Notes) -> UnreadableFile:
    said = ", ".join(f"{reason}: {count} characters" for reason, count in notes.hidden.items())
    return UnreadableFile(
        f"{what} ({said})", state="quarantined", hint="look at it; KB_HIDDEN_TEXT=drop reads the rest"
    )


def _locked() -> UnreadableFile:
    return UnreadableFile(
        "it is protected by a password",
        state="password needed",
        hint="name a file of passwords with --password-file, or save a copy without",
    )
