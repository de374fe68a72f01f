"""Chunks by section: small enough to quote, large enough to be found.

A section is cut at a blank line, else at a line, else at a sentence, into pieces of at most three
quarters of the size; a piece joins the chunk before it when the two are neighbours and fit, unless
one of them belongs to another question's entry. Lines of tables are cut only when they alone exceed the size.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from ingest.types import Loaded
from rag.types import Section, Span
from rag.wording import ASKS

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

VERSION = 3

_ROW = re.compile(r"\||^[^:;\n]{1,100}: [^\n]*; [^:;\n]{1,100}: ")
_LINES = [r"\n(?:[ \t\r]*\n)+", r"\n"]
_WORDS = [
    r"[。！？；…]+[”’」』）】》]*|[.!?;]+[\"'”’)\]]*\s+",
    r"[，、：]|[,:]\s+| \| ",
    r"\s+",
]


def split(loaded: Loaded, size: int) -> list[Section]:
    """Chunks in order: they do not overlap, and hold every visible character of the sections.

    None is blank or longer than `size`; white space at either end is left out. The heading is that
    of the section in which the chunk starts, the page that of its first character.
    """
    chunks: list[Section] = []
    for piece in _pieces(loaded, size):
        if chunks and _joins(chunks[-1], piece, size) and not _turns(chunks[-1], piece, loaded):
            last = chunks[-1]
            chunks[-1] = Section(Span(last.span.start, piece.span.end), last.heading, last.page)
        else:
            chunks.append(piece)
    return [_trimmed(chunk, loaded) for chunk in chunks]


def _joins(chunk: Section, piece: Section, size: int) -> bool:
    return (
        chunk.span.end == piece.span.start
        and piece.span.end - chunk.span.start <= size
        and (chunk.heading == piece.heading or not (_asks(chunk) or _asks(piece)))
    )


def _turns(chunk: Section, piece: Section, loaded: Loaded) -> bool:
    """Whether a slide or sheet ends between the two. Where lines have boxes, those tell a quote's page."""
    pages = loaded.pages if not loaded.boxes else ()
    return bisect_right(pages, chunk.span.start) != bisect_right(pages, piece.span.start)


def _asks(section: Section) -> bool:
    return bool(section.heading) and section.heading[-1].endswith(ASKS)


def _pieces(loaded: Loaded, size: int) -> Iterator[Section]:
    for section in loaded.sections:
        start, end = section.span.start, section.span.end
        for length in _lengths(loaded.text[start:end], size):
            if not loaded.text[start : start + length].isspace():
                yield Section(Span(start, start + length), section.heading, section.page)
            start += length


def _lengths(text: str, size: int) -> Sequence[int]:
    """Lengths of the pieces of a section, which together are its length."""
    target = size * 3 // 4
    if len(text) <= target:
        return [len(text)]
    lengths: list[int] = []
    for part in _splitter(target, by_line=True).split_text(text):
        if len(part) <= target or (len(part) <= size and _ROW.search(part)):
            lengths.append(len(part))
        else:
            lengths.extend(_line_lengths(part, size))
    return lengths


def _line_lengths(line: str, size: int) -> Iterator[int]:
    for part in _splitter(size * 3 // 4, by_line=False).split_text(line):
        yield from (min(size, len(part) - cut) for cut in range(0, len(part), size))


@cache
def _splitter(target: int, *, by_line: bool) -> "RecursiveCharacterTextSplitter":
    """Parts put together are the text again, so offsets are sums of lengths."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # a quarter of a second

    return RecursiveCharacterTextSplitter(
        separators=_LINES if by_line else _WORDS,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=target,
        chunk_overlap=0,
    )


def _trimmed(chunk: Section, loaded: Loaded) -> Section:
    text = loaded.text[chunk.span.start : chunk.span.end]
    start = chunk.span.start + len(text) - len(text.lstrip())
    page = bisect_right(loaded.pages, start) if loaded.pages else chunk.page
    return Section(Span(start, chunk.span.start + len(text.rstrip())), chunk.heading, page)
