"""Word documents of 1997 to 2003 (and, as bare text, of 6 and 95), read without Word.

Many files of this name are rich text, web pages or present documents: they are read as what they are.
"""

import re
from collections.abc import Iterator

from ingest.formats.office.lock import OLE
from ingest.formats.office.text import OfficeText, reading
from ingest.formats.office.word97 import Paragraph, Word97, opened
from ingest.loaders import loader_for
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".doc", ".dot", ".wps")
VERSION = 1

_CELL = "\x07"
_ENDS = re.compile("[\r\x07\x0c]")
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS = re.compile("[\0-\x08\x0e-\x1d\x1f\ufffc]")
_NESTED_FIELDS = 8


def load(data: bytes, name: str) -> Loaded:
    """Paragraphs divided by blank lines, list items and table rows by lines."""
    if not data.startswith(OLE):
        return _other(data, name)
    with reading("Word"):
        word = opened(data)
        text = OfficeText(Notes(reader="kb"))
        _body(word, text)
        _around(word, text)
        return text.loaded()


def _other(data: bytes, name: str) -> Loaded:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if data.startswith(b"PK"):
        suffix = ".docx"
    elif start.startswith(b"{\\rtf"):
        suffix = ".rtf"
    else:
        suffix = ".html" if b"<html" in start else ".txt"
    loaded: Loaded = loader_for(f"a{suffix}").load(data, f"{name}{suffix}")
    return loaded


def _body(word: Word97, text: OfficeText) -> None:
    rows: list[str] = []
    cells: list[str] = []
    for said, mark, paragraph in _paragraphs(word, "body", text):
        if mark == _CELL and paragraph.is_row_end:
            rows.append(" | ".join(" ".join(cell.split()) for cell in cells))
            cells = []
        elif mark == _CELL:
            cells.append(said)
        else:
            text.table(rows)
            rows = []
            _say(said, paragraph, text)
    text.table(rows)
    for said in cells:  # without marks of rows
        text.paragraph(said)


def _say(said: str, paragraph: Paragraph, text: OfficeText) -> None:
    if paragraph.level:
        text.heading(said, paragraph.level)
    elif paragraph.depth is not None:
        text.item(said, level=paragraph.depth)
    else:
        text.paragraph(said)


def _around(word: Word97, text: OfficeText) -> None:
    """Text boxes, notes, running heads and comments."""
    for said, _, _ in _paragraphs(word, "boxes", text):
        text.paragraph(said)
    text.unheaded()
    number = 0
    for part in ("footnotes", "endnotes"):
        for said, _, _ in _paragraphs(word, part, text):
            if said.strip():
                number += 1
                text.paragraph(f"[{number}] {said.strip()}")
    for line in dict.fromkeys(" ".join(said.split()) for said, _, _ in _paragraphs(word, "heads", text)):
        if any(letter.isalpha() for letter in line):
            text.aside(line)
    for said, _, _ in _paragraphs(word, "comments", text):
        text.notes.hide("comment", said)


def _paragraphs(word: Word97, part: str, text: OfficeText) -> Iterator[tuple[str, str, Paragraph]]:
    """The text, end mark and format of each paragraph of a part of the document."""
    start, end = word.parts.get(part, (0, 0))
    while start < end:
        found = _ENDS.search(word.text, start, end)
        stop = found.start() if found else end
        paragraph, mark = word.paragraph(min(stop, end - 1)), found[0] if found else ""
        has_ground = paragraph.may_be_shaded or mark == _CELL or part != "body"
        said = "".join(_visible(word, start, stop, has_ground, text))
        yield _clean(said), mark, paragraph
        start = stop + 1


def _visible(word: Word97, start: int, end: int, has_ground: bool, text: OfficeText) -> Iterator[str]:
    for reason, said in word.stretches(start, end):
        if reason and not (reason == "white" and has_ground):
            text.notes.hide(reason, _clean(said))
        else:
            yield said


def _clean(said: str) -> str:
    """Without fields' instructions and the marks of pictures and notes."""
    for _ in range(_NESTED_FIELDS):
        if "\x13" not in said:
            break
        said = _FIELD.sub(lambda match: match[1] or "", said)
    said = _MARKS.sub("", said.replace("\x0b", "\n").replace("\x1e", "-"))
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
