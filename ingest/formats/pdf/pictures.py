"""Pages of a PDF that are pictures: read where OCR is installed, told of where it is not."""

from collections.abc import Sequence
from typing import Any

from ingest import ocr
from ingest.formats.pdf.types import Page
from ingest.formats.pdf.view import pixels_of
from ingest.formats.scan import page_of
from ingest.notes import Notes
from rag.errors import UnreadableFile

_SCALE = 2.0  # pixels a point: 144 dpi, at which both languages are read well
_MOST_PIXELS = 8_000_000


def read_pictures(document: Any, pages: Sequence[Page], broken: Sequence[int], notes: Notes) -> list[Page]:
    """The pages, those without text read as pictures where that is possible.

    `UnreadableFile` where no page has text and none can be read.
    """
    made = list(pages)
    empty = [number for number, page in enumerate(pages) if not page.blocks and number not in broken]
    bare = not any(page.blocks for page in pages)
    wanted = [number for number in empty if bare or pages[number].pictures]
    if not wanted:
        return made
    if not ocr.is_ready():
        if bare:
            raise ocr.needed("no page has a text layer: it is a scan")
        for number in wanted:
            notes.warn(f"page {number + 1} is a picture: its text is not read")
        return made
    found, failed = _each(document, wanted, notes)
    for number, page in found.items():
        made[number] = page
    if any(page.blocks for page in found.values()):
        notes.reader = f"{notes.reader}, {ocr.READER}"
        notes.warn(ocr.UNSURE)
    elif bare:
        raise failed or UnreadableFile(
            "there is no text on its pages", state="empty", hint="remove it, or add text"
        )
    return made


def _each(
    document: Any, wanted: Sequence[int], notes: Notes
) -> tuple[dict[int, Page], UnreadableFile | None]:
    """The pages by number, and the first failure: for want of memory one page may fail, and others not."""
    clock, found = ocr.Clock(), dict[int, Page]()
    failed: UnreadableFile | None = None
    for number in wanted:
        if clock.is_over():
            notes.warn(f"page {number + 1} is a picture, and time ran out: KB_PARSE_SECONDS gives more")
            continue
        try:
            found[number] = _read(document, number)
        except UnreadableFile as error:
            notes.warn(f"page {number + 1} is a picture: {error}; {error.hint}")
            failed = failed or error
    return found, failed


def _read(document: Any, number: int) -> Page:
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_SCALE, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        return page_of(pixels_of(page, scale), scale)
    finally:
        page.close()
