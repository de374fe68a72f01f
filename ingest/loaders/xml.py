"""XML: paragraphs where an element holds text, fields and records where it holds values.

Entities are refused, whatever they stand for; an external DTD is not looked at. An element that has
a title or name is a section.
"""

import re
from dataclasses import replace
from xml.parsers import expat

from ingest.formats.named import title_of, whole
from ingest.formats.tree import xml as _tree_xml
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile

SUFFIXES = (".xml",)
VERSION = 1
MOST_ELEMENTS = 2_000_000
DEEPEST = 200_000
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_ENTITIES = "it defines entities"


def load(data: bytes, name: str) -> Loaded:
    """`UnreadableFile` with line and column where it is not well-formed, or when it defines entities."""
    said = _DECLARED.match(data)
    text, charset = decode(data, said[1].decode() if said else "")
    reader = _Reader()
    try:
        reader.read(text)
    except expat.ExpatError as error:
        raise UnreadableFile(
            f"line {error.lineno}, column {error.offset + 1}: {expat.errors.messages[error.code]}",
            hint="mend it there, or export it again",
        ) from error
    notes = Notes(charset=charset, hidden=reader.hidden.hidden)
    if reader.skipped:
        notes.warn("references to entities of a DTD are left out")
    title, page = _tree_xml.write(reader.root)
    made = whole(page.text, title=title or title_of(name), headings=page.headings)
    return replace(made, report=notes.report())


class _Reader:
    """Expat's events to elements."""

    def __init__(self) -> None:
        self.root = _tree_xml.Element("", {})
        self.hidden = Notes()
        self.skipped = False
        self._stack = [self.root]
        self._count = 0

    def read(self, text: str) -> None:
        """The whole text; the encoding it declares was dealt with before."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        parser.CommentHandler = lambda said: self.hidden.hide("comment", said)
        parser.EntityDeclHandler = self._refuse
        parser.SkippedEntityHandler = self._skip
        parser.UseForeignDTD(True)
        parser.Parse(text.lstrip().encode("utf-8", "replace"), True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise UnreadableFile("it has too many elements", state="too large", hint="divide the file")
        if len(self._stack) > DEEPEST:
            raise UnreadableFile("nested too deeply", state="too large", hint="divide the file")
        element = _tree_xml.Element(tag.rpartition(":")[2], attributes)
        self._stack[-1].content.append(element)
        self._stack.append(element)

    def _end(self, tag: str) -> None:
        self._stack.pop()

    def _say(self, text: str) -> None:
        self._stack[-1].content.append(text)

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile(_ENTITIES, hint="save it with the entities written out")

    def _skip(self, *_: object) -> None:
        self.skipped = True
