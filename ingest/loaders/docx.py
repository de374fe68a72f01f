"""Word documents: paragraphs, lists and tables in the order of the document, headings by style.

The XML is walked by ourselves: libraries above it stumble over broken tables and leave out text
boxes. Footnotes stand at the end; running heads and the table of contents are in the text and not
searched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingest.formats.office.text import OfficeText, reading
from ingest.formats.ooxml.graphics import drawn
from ingest.formats.ooxml.package import FALLBACK, WORD, Package
from ingest.formats.ooxml.word_numbers import Numbers, numbers
from ingest.formats.ooxml.word_runs import BOX, PARAGRAPH, TABLE, Runs, within, written
from ingest.formats.ooxml.word_styles import Style, is_white, styles, value
from ingest.formats.ooxml.word_tables import own_cells, rows
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".docx", ".docm", ".dotx", ".dotm")
VERSION = 2
LONGEST_PAGE = 6_000  # characters

_RENDERED = f"{WORD}lastRenderedPageBreak"
_WALKED = frozenset({FALLBACK, BOX})
_SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")


@dataclass(slots=True)
class _Word:
    """A document that is being read."""

    package: Package
    part: str
    runs: Runs
    numbers: Numbers
    text: OfficeText


def load(data: bytes, name: str) -> Loaded:
    """Paragraphs divided by blank lines, list items and table rows by lines."""
    with reading("Word"):
        notes = Notes(reader="kb")
        package = Package(data, "Word", notes)
        part, root = package.main("word/document.xml")
        word = _opened(package, part, root, OfficeText(notes))
        _body(root, word)
        return word.text.loaded()


def _opened(package: Package, part: str, root: Any, text: OfficeText) -> _Word:
    """Styles and lists of the document, so that its body can be read."""
    ground = root.find(f"{WORD}background")
    coloured = ground is not None and not is_white(ground.get(f"{WORD}color"))
    runs = Runs(
        styles(next(package.related(part, "styles"), None)),
        text.notes,
        next(root.iter(_RENDERED), None) is not None,
        coloured,
    )
    return _Word(package, part, runs, numbers(next(package.related(part, "numbering"), None)), text)


def _body(root: Any, word: _Word) -> None:
    text = word.text
    text.page()
    for block in _blocks(root):
        _add(block, word)
    _check_pages(word)
    text.unheaded()
    for number, note in enumerate(_notes(word), 1):
        text.paragraph(f"[{number}] {note}")
    _running(word)
    for comments in word.package.related(word.part, "comments"):
        text.notes.hide("comment", written(comments))
    for relation in word.package.relations(word.part):
        if relation.kind in ("package", "oleObject"):
            text.notes.attach(relation.target.rpartition("/")[2])
    text.title = text.title or word.package.title


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, without recursion; a text box follows its paragraph."""
    stack = [parent]
    while stack:
        element = stack.pop()
        if element.tag == PARAGRAPH:
            yield element
            inner = [box for box in element.iter(BOX) if not within(box, _WALKED, element)]
            stack.extend(reversed(inner))
        elif element.tag == TABLE and len(cells := own_cells(element)) > 1:
            yield element
        elif element.tag == TABLE:
            stack.extend(reversed(cells))  # a frame around text
        elif element.tag != FALLBACK:
            stack.extend(reversed(element))


def _add(block: Any, word: _Word) -> None:
    if block.tag == TABLE:
        word.text.table(rows(block, word.runs.text, word.text.notes))
        return
    style = word.runs.styles.of(value(block, "pPr", "pStyle"))
    if not word.runs.is_rendered and block.find(f"{WORD}pPr/{WORD}pageBreakBefore") is not None:
        word.text.page()
    _paragraph(word.runs.text(block), block, style, word)
    for line in drawn(block, word.package, word.part):
        word.text.paragraph(line)


def _paragraph(said: str, block: Any, style: Style, word: _Word) -> None:
    text = word.text
    said = text.turned(said)
    level, mark, depth = _level(block, style), "", 0
    if said.strip():
        mark, depth = _mark(block, style, word)
    if said.strip() and style.name.startswith("toc ") and level is None:
        text.aside(said)
    elif level == 0:
        text.title = text.title or " ".join(said.split())
        text.paragraph(said)
    elif level:
        text.heading(f"{mark} {said}" if mark.strip("-") else said, level)
    elif mark:
        text.item(said, mark, depth)
    else:
        text.paragraph(said)


def _level(block: Any, style: Style) -> int | None:
    """The level of a heading, 0 of the title, None of body text."""
    outline = value(block, "pPr", "outlineLvl")
    if style.level is None and outline.isdecimal() and int(outline) < 9:
        return int(outline) + 1
    return style.level


def _mark(block: Any, style: Style, word: _Word) -> tuple[str, int]:
    """What stands before a list item or numbered heading, and its depth; '' for neither."""
    number = value(block, "pPr", "numPr", "numId") or style.number[0]
    said = value(block, "pPr", "numPr", "ilvl") or style.number[1]
    if number == "0":
        return "", 0
    if not number:
        return ("-", 0) if style.is_list else ("", 0)
    depth = word.numbers.level_of(number, value(block, "pPr", "pStyle"), said)
    return word.numbers.mark(number, depth), depth


def _check_pages(word: _Word) -> None:
    """Pages by explicit breaks alone count only where no stretch is longer than a page."""
    text = word.text
    longest = max((end - start for start, end in pairwise([*text.pages, text.length])), default=0)
    if len(text.pages) < 2 or (not word.runs.is_rendered and longest > LONGEST_PAGE):
        text.pages.clear()


def _notes(word: _Word) -> Iterator[str]:
    """Footnotes, then endnotes."""
    for kind in ("footnote", "endnote"):
        for root in word.package.related(word.part, f"{kind}s"):
            for note in root.iter(f"{WORD}{kind}"):
                if note.get(f"{WORD}type") not in _SEPARATORS:
                    said = " ".join(" ".join(map(word.runs.text, note.iter(PARAGRAPH))).split())
                    if said:
                        yield said


def _running(word: _Word) -> None:
    """Heads and feet of the pages, each text once."""
    lines: dict[str, None] = {}
    for kind in ("header", "footer"):
        for root in word.package.related(word.part, kind):
            for block in _blocks(root):
                lines |= dict.fromkeys(" ".join(line.split()) for line in _lines(block, word))
    for line in lines:
        if any(letter.isalpha() for letter in line):
            word.text.aside(line)


def _lines(block: Any, word: _Word) -> Iterator[str]:
    if block.tag == TABLE:
        yield from rows(block, word.runs.text, word.text.notes)
    else:
        yield word.runs.text(block)
