"""Pages of lines to the canonical text of a document, its boxes and its headings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.formats.pdf.headings import Outline, by_outline, by_size
from ingest.formats.pdf.lines import Composed, composed
from ingest.formats.pdf.running import without
from ingest.formats.pdf.types import Line, Page
from ingest.outline import sections
from rag.types import Box, Section

_SAME_EDGE = 3.0  # points


@dataclass(frozen=True, slots=True)
class Text:
    """The canonical text. `pages` are the starts of pages, `empty` the numbers of those without text."""

    text: str
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]
    sections: tuple[Section, ...]
    empty: tuple[int, ...]
    running_lines: int


def compose(pages: Sequence[Page], outline: Outline) -> Text:
    """Paragraphs of the pages, divided by a blank line, without what pages repeat at their edges."""
    kept, running = without(pages)
    titles = {" ".join(title.split()) for _, _, title in outline}
    made = [composed(page.blocks, titles) for page in _continued(kept)]
    starts = _starts([page.text for page in made])
    text = "\n\n".join(page.text for page in made if page.text)
    places = [
        (start + p, start + q, line)
        for start, page in zip(starts, made, strict=True)
        for p, q, line in page.places
    ]
    headings = list(by_outline(text, outline, [*starts, len(text)])) or by_size(text, places)
    return Text(
        text,
        # A last page without text would begin behind the end.
        tuple(min(start, len(text)) for start in starts),
        tuple(
            box
            for number in range(len(made))
            for box in _boxes(made[number], kept[number], starts[number], number + 1)
        ),
        sections(text, headings),
        tuple(number for number, page in enumerate(made, 1) if not page.text.strip()),
        running,
    )


def _starts(texts: Sequence[str]) -> list[int]:
    starts: list[int] = []
    place = 0
    for text in texts:
        starts.append(place)
        place += len(text) + 2 if text else 0
    return starts


def _boxes(made: Composed, page: Page, offset: int, number: int) -> list[Box]:
    return [
        Box(
            offset + start,
            offset + end,
            line.page or number,
            _within(line.x0, page.width),
            _within(line.y0, page.height),
            _within(line.x1, page.width),
            _within(line.y1, page.height),
        )
        for start, end, line in made.places
    ]


def _within(place: float, most: float) -> float:
    """On the page, to a tenth of a point."""
    return round(max(0.0, min(place, most)), 1)


def _continued(pages: Sequence[Page]) -> list[Page]:
    """Pages on which a table that goes on from the page before says its head again."""
    made: list[Page] = []
    for number, page in enumerate(pages):
        head = _head(made[-1], page) if made else None
        if head:
            first = (replace(head, page=head.page or number), *page.blocks[0])
            page = replace(page, blocks=(first, *page.blocks[1:]))
        made.append(page)
    return made


def _head(before: Page, page: Page) -> Line | None:
    """The first row of the table that ends the page before and goes on at the top of this one."""
    if not before.blocks or not page.blocks:
        return None
    head, first = before.blocks[-1][0], page.blocks[0][0]
    alike = abs(head.x0 - first.x0) < _SAME_EDGE and abs(head.x1 - first.x1) < _SAME_EDGE
    goes_on = head.row and first.row and alike and head.text.count(" | ") == first.text.count(" | ")
    return head if goes_on and head.text != first.text else None
