"""PDF: the text of each page by pdfium; pypdf reads what pdfium cannot.

The canonical text is the pages' paragraphs, pages divided by a blank line. Headings come from the
file's own outline, where its titles are found on their pages.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ingest.loaders._pdf_lines import paragraphs
from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.errors import UnreadableFile

if TYPE_CHECKING:
    from pypdf import PdfReader

SUFFIXES = (".pdf",)
VERSION = 1

MOST_PAGES = 20_000
MOST_HEADINGS = 5_000
MOST_NOTES = 2_000
STREAM_BYTES = 16_000_000  # pypdf's own bounds allow several times as much, for each of many streams
_UNTITLED = re.compile(
    r"^(?:untitled|无标题|microsoft .* - .*|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|pptx?|xlsx?))$", re.IGNORECASE
)

Outline = list[tuple[int, int, str]]  # page from 0, level from 1, title


def load(data: bytes, name: str) -> Loaded:
    """Text with page offsets; `ocr needed` where no page has a text layer."""
    if b"%PDF-" not in data[:4096] and b"%PDF-" not in data[-4096:]:
        raise UnreadableFile("not a PDF", hint="export it as PDF again")
    title, outline, pages = _with_pdfium(data)
    reader = "pypdfium2"
    if not any(page.strip() for page in pages):
        title, outline, pages = _with_pypdf(data, have=len(pages))
        reader = "pypdf"
    if not any(page.strip() for page in pages):
        raise UnreadableFile(
            "no page has a text layer: it is a scan",
            state="ocr needed",
            hint="run it through OCR, such as ocrmypdf, and ingest the result",
        )
    titles = {" ".join(entry.split()) for _, _, entry in outline}
    return _loaded(title, outline, [paragraphs(page, titles) for page in pages], reader)


def _loaded(title: str, outline: Outline, pages: Sequence[str], reader: str) -> Loaded:
    starts: list[int] = []
    place = 0
    for page in pages:
        starts.append(place)
        place += len(page) + 2 if page else 0
    text = "\n\n".join(page for page in pages if page)
    headings = list(_headings(text, outline, [*starts, len(text)]))
    return Loaded(
        text,
        title="" if _UNTITLED.match(title) else title,
        sections=sections(text, headings),
        # A last page without text would begin behind the end.
        pages=tuple(min(start, len(text)) for start in starts),
        report={"pages": len(pages), "reader": reader, "blank": sum(not page.strip() for page in pages)},
    )


def _headings(text: str, outline: Outline, starts: Sequence[int]) -> Iterator[Heading]:
    """Titles of the outline that stand on their page at the beginning of a line, in order."""
    last = -1
    for page, level, title in outline[:MOST_HEADINGS]:
        words = [re.escape(word) for word in title.split()]
        if not words or not 0 <= page < len(starts) - 1 or len(title) > 200:
            continue
        begins = re.compile(r"^[ \t]*(?:[\dIVX.]+\s+)?" + r"\s*".join(words), re.MULTILINE | re.IGNORECASE)
        found = begins.search(text, max(last + 1, starts[page]), starts[page + 1])
        if found:
            last = found.start()
            yield Heading(last, level, " ".join(title.split()))


def _with_pdfium(data: bytes) -> tuple[str, Outline, list[str]]:
    """Nothing where pdfium cannot read the file; `UnreadableFile` where it wants a password."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise _locked() from error
        return "", [], []
    try:
        title = str(document.get_metadata_dict().get("Title", "")).strip()
        pages = [_pdfium_page(document, number) for number in range(min(len(document), MOST_PAGES))]
        return title, list(_pdfium_outline(document)), pages
    finally:
        document.close()


def _pdfium_page(document: Any, number: int) -> str:
    """The text of a page; nothing where the page is broken, for others may be whole."""
    import pypdfium2 as pdfium

    try:
        page = document[number]
        if _is_filled_in(page):
            page.close()
            page = document[number]
        found: str = page.get_textpage().get_text_bounded()
        page.close()
        return found
    except pdfium.PdfiumError:
        return ""


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


def _pdfium_outline(document: Any) -> Iterator[tuple[int, int, str]]:
    for count, entry in enumerate(document.get_toc(max_depth=6)):
        if count >= MOST_HEADINGS:
            return
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield page, entry.level + 1, entry.get_title()


def _with_pypdf(data: bytes, *, have: int) -> tuple[str, Outline, list[str]]:
    """The second reader: slower, and lenient where pdfium is not. `have` pages were found without text."""
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it says of the file stands in our report
    try:
        with apply_configuration(None, **_LIMITS):
            reader = PdfReader(BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise _locked()
            return _pypdf_title(reader), [], [_pypdf_page(page) for page in reader.pages[:MOST_PAGES]]
    except UnreadableFile:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        if have:
            return "", [], []
        raise UnreadableFile(
            f"neither pdfium nor pypdf can read it: {error}", hint="open it in a PDF program and save it anew"
        ) from error


def _pypdf_title(reader: "PdfReader") -> str:
    return ((reader.metadata and reader.metadata.title) or "").strip()


def _pypdf_page(page: Any) -> str:
    found: str = page.extract_text()
    return found


def _locked() -> UnreadableFile:
    return UnreadableFile(
        "it is protected by a password", state="password needed", hint="save a copy without the password"
    )


_LIMITS = dict.fromkeys(
    (
        "maximum_declared_stream_length",
        "array_based_stream_maximum_output_length",
        "jbig2_maximum_output_length",
        "lzw_maximum_output_length",
        "run_length_maximum_output_length",
        "zlib_maximum_output_length",
        "brotli_maximum_output_length",
        "image_maximum_buffer_size",
    ),
    STREAM_BYTES,
)
