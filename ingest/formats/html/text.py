"""Lines and paragraphs from a stream of words and breaks."""

from ingest.outline import Heading
from rag.types import Span

LONGEST_HEADING = 500


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

    def mark(self) -> int:
        """A place to which `since` goes back."""
        return len(self._parts)

    def since(self, mark: int) -> str:
        """What was put after the mark."""
        return "".join(self._parts[mark:])

    def replace(self, mark: int, text: str) -> None:
        """Put this in place of what was put after the mark."""
        self.length -= sum(map(len, self._parts[mark:]))
        del self._parts[mark:]
        if text:
            self.put(text)

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def outline(self) -> list[Heading]:
        """The headings that hold text, in order; one within another is a part of it."""
        text, last = self.text(), 0
        found: list[Heading] = []
        for start, end, level in sorted(self.headings, key=lambda heading: (heading[0], -heading[1])):
            said = " ".join(text[start : min(end, start + LONGEST_HEADING)].split())
            if start >= last and said:
                found.append(Heading(start, level, said))
                last = end
        return found

    def _space(self) -> None:
        if not self._opened:
            self._gap = self._gap or " "
