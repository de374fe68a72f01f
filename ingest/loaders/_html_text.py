"""Lines and paragraphs from a stream of words and breaks."""

from ingest.outline import Heading
from rag.types import Span


class Writer:
    """Collects text; white space collapses as in a browser, blocks are divided by the widest gap asked for.

    While `flat`, gaps are blanks: the cells of a table row stay on one line.
    """

    def __init__(self) -> None:
        self.flat = False
        self.headings: list[tuple[int, int, int]] = []  # start, end, level
        self.aside: list[Span] = []
        self.length = 0
        self._parts: list[str] = []
        self._gap = ""
        self._opened = True  # nothing but blanks since the line, item or cell began

    def say(self, text: str) -> None:
        """Running text."""
        words = text.split()
        if words:
            if text[0].isspace():
                self._space()
            self.put(" ".join(words))
        if text and text[-1].isspace():
            self._space()

    def put(self, text: str) -> None:
        """These characters as they are, after the gap that is due."""
        self.place()
        self._parts.append(text)
        self.length += len(text)
        self._opened = False

    def open(self, mark: str) -> None:
        """Begin an item or cell with its mark; blanks before its first word go."""
        if self.flat:
            self._gap = ""
        if mark:
            self.put(mark)
        self._opened = True

    def gap(self, lines: int) -> None:
        """At least so many line breaks before what follows."""
        if self.flat:
            self._space()
            return
        wanted = "\n" * lines
        if len(wanted) > len(self._gap.strip(" ")):
            self._gap = wanted

    def place(self) -> int:
        """Where the next character will stand."""
        if self.length and self._gap:
            self._parts.append(self._gap)
            self.length += len(self._gap)
        self._gap = ""
        return self.length

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def outline(self) -> list[Heading]:
        """The headings that hold text."""
        text = self.text()
        found = (
            Heading(start, level, " ".join(text[start:end].split())) for start, end, level in self.headings
        )
        return [heading for heading in found if heading.text]

    def _space(self) -> None:
        if not self._opened:
            self._gap = self._gap or " "
