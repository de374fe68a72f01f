"""Headings of a PDF: those of its outline, else lines that are set larger than the text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.formats.pdf.types import Line
from ingest.outline import Heading

MOST = 5_000
_LONGEST = 120
_LARGER = 1.08  # times the usual size
_MOST_SHARE = 0.3  # of all letters: where more are large, size says nothing
_LEVELS = 4
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST_ENTRY = 200  # letters of a title in an outline
_NUMBERED = re.compile(r"^[ \t]*[\divx.]+\s+")

Outline = Sequence[tuple[int, int, str]]  # page from 0, level from 1, title
_Begun = tuple[int, str, str]
Place = tuple[int, int, Line]  # start and end in the canonical text


def by_outline(text: str, outline: Outline, starts: Sequence[int]) -> Iterator[Heading]:
    """Titles of the outline that stand on their page at the beginning of a line, in order.

    `starts` holds where each page starts, and the length of the text.
    """
    last = -1
    lines: dict[int, list[_Begun]] = {}
    for page, level, title in outline[:MOST]:
        words = title.lower().split()
        if not words or not 0 <= page < len(starts) - 1 or len(title) > _LONGEST_ENTRY:
            continue
        if page not in lines:
            lines[page] = list(_begun(text, starts[page], starts[page + 1]))
        found = next((place for place, *said in lines[page] if place > last and _opens(said, words)), None)
        if found is not None:
            last = found
            yield Heading(found, level, " ".join(title.split()))


def _begun(text: str, start: int, end: int) -> Iterator[_Begun]:
    """The lines of a page: where each begins, and what is said from there, with and without its number."""
    place = start
    while place < end:
        said = text[place : min(end, place + 2 * _LONGEST_ENTRY)].lower()
        if not said.startswith("\n"):
            yield place, said.lstrip(), _NUMBERED.sub("", said, count=1)
        place = text.find("\n", place, end) + 1 or end


def _opens(begun: Sequence[str], words: Sequence[str]) -> bool:
    """True for a line that begins with these words; the blanks of a printed title may be others."""
    for said in begun:
        rest = said
        for word in words:
            if not rest.startswith(word):
                break
            rest = rest[len(word) :].lstrip()
        else:
            return True
    return False


def by_size(text: str, places: Sequence[Place]) -> list[Heading]:
    """Short lines of larger letters that stand alone; none where too many would be headings."""
    sizes = Counter[float]()
    for start, end, line in places:
        sizes[_rounded(line)] += end - start
    if len(sizes) < 2:
        return []
    usual = sizes.most_common(1)[0][0]
    large = [place for place in places if _is_large(place, usual)]
    if sum(end - start for start, end, _ in large) > _MOST_SHARE * sum(sizes.values()):
        return []
    large = [place for place in large if _stands_alone(text, place)]
    ranks = sorted({_rounded(line) for _, _, line in large}, reverse=True)[: _LEVELS - 1]
    levels = {size: level for level, size in enumerate(ranks, 1)}
    return [
        Heading(
            start, levels.get(_rounded(line), _LEVELS), " ".join(text[start : _line_end(text, start)].split())
        )
        for start, _, line in large[:MOST]
    ]


def _rounded(line: Line) -> float:
    return round(line.size * 2) / 2


def _is_large(place: Place, usual: float) -> bool:
    _, _, line = place
    return not line.row and not line.turns and line.size >= usual * _LARGER > 0


def _stands_alone(text: str, place: Place) -> bool:
    """True for a line of its own that reads like a heading, not like a sentence or a figure."""
    start = place[0]
    if start and text[start - 1] != "\n":
        return False
    said = text[start : _line_end(text, start)].strip()
    return (
        bool(_LETTER.search(said))
        and "@" not in said
        and 2 <= len(said) <= _LONGEST
        and said[-1] not in ".,;。，；、"
    )


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
