"""Running heads and feet: lines that pages repeat at their edges, and the numbers of pages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.formats.pdf.types import Line, Page

_EDGE = 0.15  # of the page's height, above and below
_MOST = 4  # lines at each edge that are looked at
_FEWEST = 3  # pages that repeat a line
_LONGEST = 200  # letters
_SHIFT = 6.0  # points that a repeated line may move
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[\s\-–—·.|/\[\]()~～]*(?:page|seite|p\.?|第)?\s*(\d{1,5}|[ivxlc]{1,7})\s*(?:页|頁)?"
    r"(?:\s*(?:of|von|/|共|，共|, ?共)\s*\d{1,5}\s*(?:页|頁)?)?[\s\-–—·.|/\[\]()~～]*",
    re.IGNORECASE,
)

_OUTER = re.compile(r"^\d{1,5}(?=\s)|(?<=\s)\d{1,5}$")

Edge = tuple[int, Line]  # page from 0 and line


def without(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """The pages without such lines, and how many there were.

    A repeated line whose words stand nowhere else stays once, at its first place: a document may say
    whose it is, or how secret, in its head only.
    """
    edges = [(number, line) for number, page in enumerate(pages) for line in _edges(page)]
    repeated = _repeated(edges)
    numbers = _page_numbers(edges)
    dropped = {id(line) for _, line in [*repeated, *numbers]}
    body = {_key(line.text) for page in pages for line in page.lines() if id(line) not in dropped}
    said = set(body)
    for _, line in repeated:
        key = _key(line.text)
        if key not in said and not _PAGE_NUMBER.fullmatch(line.text):
            said.add(key)
            dropped.discard(id(line))
    return [_left(page, dropped) for page in pages], len(dropped)


def _left(page: Page, dropped: set[int]) -> Page:
    blocks = (tuple(line for line in block if id(line) not in dropped) for block in page.blocks)
    return replace(page, blocks=tuple(block for block in blocks if block))


def _edges(page: Page) -> Iterator[Line]:
    lines = [line for line in page.lines() if not (line.row or line.turns or len(line.text) > _LONGEST)]
    above = sorted((line for line in lines if line.y1 <= page.height * _EDGE), key=lambda line: line.y0)
    below = sorted(
        (line for line in lines if line.y0 >= page.height * (1 - _EDGE)), key=lambda line: -line.y1
    )
    yield from above[:_MOST]
    yield from below[:_MOST]


def _repeated(edges: Sequence[Edge]) -> list[Edge]:
    """Lines that say the same, but for digits, at the same height on several pages."""
    groups: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[_key(edge[1].text)].append(edge)
    return sorted((edge for group in groups.values() for edge in _steady(group)), key=lambda edge: edge[0])


def _steady(group: Sequence[Edge]) -> list[Edge]:
    found: list[Edge] = []
    rows: list[list[Edge]] = []
    for edge in sorted(group, key=lambda edge: edge[1].y1):
        if rows and edge[1].y1 - rows[-1][-1][1].y1 <= _SHIFT:
            rows[-1].append(edge)
        else:
            rows.append([edge])
    for row in rows:
        if len({page for page, _ in row}) >= _FEWEST:
            found.extend(row)
    return found


def _page_numbers(edges: Sequence[Edge]) -> list[Edge]:
    """Lines at the edge whose number counts with the pages, on two of them at least."""
    steps: defaultdict[tuple[str, int], list[Edge]] = defaultdict(list)
    for page, line in edges:
        for number in _numbers(line.text):
            steps[_key(line.text) if number.isdecimal() else "", _value(number) - page].append((page, line))
    return [edge for group in steps.values() if len({page for page, _ in group}) > 1 for edge in group]


def _numbers(text: str) -> list[str]:
    """What may be the number of the page: all of the line, or a number that begins or ends it."""
    if match := _PAGE_NUMBER.fullmatch(text):
        return [match[1]]
    return [number for number in _OUTER.findall(text) if number]


def _value(number: str) -> int:
    if number.isdecimal():
        return int(number)
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in number.lower()]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _key(text: str) -> str:
    return " ".join(_NUMBER.sub(" ", text).split()).lower()
