"""The text of an office document as it grows: paragraphs, headings, list items, tables, pages."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from zipfile import BadZipFile

from ingest.notes import Notes
from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.errors import UnreadableFile
from rag.types import Span

LONGEST_HEADING = 200
PAGE = "\x01"  # stands in a text where a page begins; no XML document can hold it
_DEEPEST = 8  # list levels that are shown
# What readers raise over broken bytes; running out of memory or time is none of it.
_BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, LookupError, OSError),
    *(NotImplementedError, RecursionError, SyntaxError, TypeError, ValueError, struct.error, zlib.error),
)


@dataclass(slots=True)
class OfficeText:
    """Collects blocks in the order of the document; `loaded` is what a loader returns."""

    notes: Notes = field(default_factory=Notes)
    title: str = ""
    length: int = 0
    pages: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _due: int = 0  # pages that begin with the next text
    _aside: list[Span] = field(default_factory=list)  # what is not searched

    def paragraph(self, text: str) -> None:
        """Set off by a blank line; its own line breaks stay."""
        self.add("\n".join(line.strip() for line in text.split("\n")).strip(), "\n\n")

    def heading(self, text: str, level: int) -> None:
        """A line that opens a section; `level` 1 is outermost."""
        line = " ".join(self.turned(text).split())
        if len(line) > LONGEST_HEADING:  # a paragraph that only looks like one
            self.add(line, "\n\n")
        elif self.add(line, "\n\n"):
            bare = line.replace(PAGE, "").strip()
            self.headings.append(Heading(self.length - len(bare), level, bare))

    def item(self, text: str, mark: str = "-", level: int = 0) -> None:
        """An item of a list, on lines of its own."""
        lines = [line.strip() for line in self.turned(text).strip().split("\n")]
        if any(lines):
            self.add("  " * min(level, _DEEPEST) + f"{mark} " + "\n".join(lines), "\n")

    def table(self, rows: Iterable[str]) -> None:
        """Rows, one a line, with the header first."""
        lines = [row for row in rows if row.replace(PAGE, "").strip(" |")]
        if lines:
            self.notes.tables += 1
            self.add("\n".join(lines), "\n\n")

    def add(self, text: str, gap: str) -> bool:
        """These characters after the gap, unless they are blank; whether they were added."""
        text, after = self.turned(text), 0
        while text.endswith(PAGE):
            text, after = text[:-1].rstrip(), after + 1
        if not text.strip():
            self._due += after
            return False
        gap = gap if self._parts else ""
        start = self.length + len(gap)
        self.pages += [start] * self._due
        self._due = after
        made, *others = text.split(PAGE)
        for other in others:
            self.pages.append(start + len(made))
            made += other
        self._parts.append(gap + made)
        self.length = start + len(made)
        return True

    def turned(self, text: str) -> str:
        """The text without marks of pages at its start, which begin with what is added next."""
        while text.lstrip().startswith(PAGE):
            text, self._due = text.lstrip()[1:].lstrip(), self._due + 1
        return text

    def page(self) -> None:
        """The next text begins a page."""
        self._due += 1

    def unheaded(self) -> None:
        """What follows stands under no heading: footnotes, a slide without a title."""
        self.headings.append(Heading(self.length, 0, ""))

    def aside(self, text: str) -> None:
        """A line that is in the text and not searched: running heads, a table of contents."""
        before = self.length
        if self.add(text, "\n"):
            self._aside.append(Span(before, self.length))

    def loaded(self) -> Loaded:
        """The text with its sections and report."""
        text = "".join(self._parts)
        pages = (*self.pages, *[len(text)] * self._due)
        self.notes.pages = len(pages)
        found = sections(text, self.headings, left_out=self._aside)
        named = tuple(replace(section, heading=tuple(filter(None, section.heading))) for section in found)
        return Loaded(text, title=self.title, sections=named, pages=pages, report=self.notes.report())


@contextmanager
def reading(kind: str) -> Iterator[None]:
    """What goes wrong within, over a broken file, becomes `UnreadableFile`; `kind` names the program."""
    try:
        yield
    except UnreadableFile:
        raise
    except _BROKEN as error:
        said = f"not a readable file of {kind}: {type(error).__name__}"
        raise UnreadableFile(said, hint=f"open it in {kind} and save it anew") from error
