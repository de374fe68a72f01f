"""One document of several parts: a mail with its attachments, a book with its chapters."""

from collections.abc import Mapping
from dataclasses import replace

from ingest.notes import Notes
from ingest.types import Loaded
from rag.types import Section, Span

GAP = "\n\n"


class Parts:
    """Collects loaded parts one after the other; what was noticed of each goes into `notes`."""

    def __init__(self, notes: Notes) -> None:
        self.length = 0
        self._notes = notes
        self._texts: list[str] = []
        self._sections: list[Section] = []

    def say(self, text: str, heading: tuple[str, ...] = ()) -> None:
        """A paragraph of our own, such as the heading that stands above a part."""
        if text := text.strip():
            self.add(Loaded(text, sections=(Section(Span(0, len(text))),)), heading)

    def add(self, part: Loaded, heading: tuple[str, ...] = (), name: str = "") -> None:
        """A part, its headings below `heading`; `name` stands before its warnings."""
        if not part.text.strip():
            return
        for section in part.sections:
            is_last = section.span.end == len(part.text)
            end = section.span.end + (len(GAP) if is_last else 0)
            span = Span(self.length + section.span.start, self.length + end)
            self._sections.append(replace(section, span=span, heading=heading + section.heading, page=None))
        self._texts.append(part.text + GAP)
        self.length += len(part.text) + len(GAP)
        absorb(self._notes, part.report, name)

    def loaded(self, title: str) -> Loaded:
        """All of it, with the report."""
        text = "".join(self._texts)
        return Loaded(text, title, tuple(self._sections), report=self._notes.report())


def absorb(notes: Notes, report: Mapping[str, object], name: str = "") -> None:
    """Add what was noticed of a part to what is noticed of the whole."""
    hidden, tables = report.get("hidden"), report.get("tables")
    if isinstance(hidden, Mapping):
        notes.hidden.update(hidden)
    if isinstance(tables, int):
        notes.tables += tables
    for key, take in (("warnings", notes.warn), ("attachments", notes.attach)):
        found = report.get(key)
        for said in found if isinstance(found, list) else ():
            take(f"{name}: {said}" if name else str(said))
