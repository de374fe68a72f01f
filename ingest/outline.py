"""Headings to sections, the same way for every format."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.types import Section, Span


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in the canonical text; `level` 1 is outermost."""

    start: int
    level: int
    text: str


def sections(
    text: str, headings: Sequence[Heading], *, begin: int = 0, left_out: Sequence[Span] = ()
) -> tuple[Section, ...]:
    """Sections of `text` from `begin`, each opened by its heading line; blank ones are dropped.

    A stretch that is left out divides the section it lies in; they come in order and do not overlap.
    """
    found: list[Section] = []
    path: list[Heading] = []
    starts = [begin, *(heading.start for heading in headings)]
    ends = [*(heading.start for heading in headings), len(text)]
    for heading, start, end in zip([None, *headings], starts, ends, strict=True):
        if heading:
            path = [*(above for above in path if above.level < heading.level), heading]
        titles = tuple(above.text for above in path)
        kept = (span for span in _kept(start, end, left_out) if text[span.start : span.end].strip())
        found.extend(Section(span, titles) for span in kept)
    return tuple(found)


def _kept(start: int, end: int, left_out: Sequence[Span]) -> Iterator[Span]:
    for span in left_out[bisect_right(left_out, start, key=lambda span: span.end) :]:
        if span.start >= end:
            break
        if start < span.start:
            yield Span(start, span.start)
        start = min(end, span.end)
    if start < end:
        yield Span(start, end)
