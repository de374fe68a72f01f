"""The visible text of shapes and tables on a slide."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.office.numerals import numeral
from ingest.formats.office.text import OfficeText
from ingest.formats.ooxml.math import equation
from ingest.formats.ooxml.package import DRAWING, MATH
from ingest.formats.ooxml.word_styles import is_white
from ingest.notes import Notes

PARAGRAPH, _RUN, _FIELD, _BREAK = (f"{DRAWING}{tag}" for tag in ("p", "r", "fld", "br"))
_COLOUR = f"{DRAWING}solidFill"
_TINY = 150  # hundredths of a point
_WAYS = {"arabic": "decimal", "roman": "roman", "alpha": "letter"}


def text_of(paragraph: Any, notes: Notes, *, white_is_seen: bool) -> str:
    """The text of a paragraph; lines end with a newline."""
    found: list[str] = []
    for element in paragraph:
        said = "".join(t.text or "" for t in element.iter(f"{DRAWING}t"))
        if element.tag == _BREAK:
            found.append("\n")
        elif element.tag in (_RUN, _FIELD):
            reason = _hidden(element.find(f"{DRAWING}rPr"), white_is_seen)
            if reason:
                notes.hide(reason, said)
            elif element.get("type") != "slidenum":
                found.append(said.replace("\v", "\n"))
        elif (math := next(element.iter(f"{MATH}oMath"), None)) is not None:
            found.append(equation(math))
    return "".join(found)


def has_white(element: Any) -> bool:
    """Whether anything at or below an element has a white colour."""
    return any(is_white(colour.get("val")) for colour in element.iter(f"{DRAWING}srgbClr"))


def rows(table: Any, notes: Notes) -> Iterator[str]:
    """Each row on one line; a cell merged downwards is repeated, one merged sideways is told once."""
    above: dict[int, str] = {}
    for row in table.iter(f"{DRAWING}tr"):
        line: list[str] = []
        for column, cell in enumerate(row.iter(f"{DRAWING}tc")):
            if cell.get("hMerge") in ("1", "true"):
                continue
            paragraphs = (text_of(p, notes, white_is_seen=True) for p in cell.iter(PARAGRAPH))
            said = " ".join(" ".join(paragraphs).split())
            if cell.get("vMerge") in ("1", "true"):
                said = above.get(column, "")
            above[column] = said
            line.append(said)
        if any(line):
            yield " | ".join(line)


@dataclass(slots=True)
class Body:
    """Writes the paragraphs of one shape: items where the slide shows bullets or numbers."""

    text: OfficeText
    is_list: bool  # paragraphs are items unless they say otherwise
    _counts: dict[int, int] = field(default_factory=dict)
    _is_first: bool = True

    def add(self, paragraph: Any, said: str) -> None:
        """A paragraph with its text."""
        if not said.strip():
            return
        properties = paragraph.find(f"{DRAWING}pPr")
        level = _level(properties)
        mark = self._mark(properties, level)
        if mark:
            self.text.item(said, mark, level)
        else:
            lines = "\n".join(line.strip() for line in said.strip().split("\n"))
            self.text.add(lines, "\n\n" if self._is_first else "\n")
        self._is_first = False

    def _mark(self, properties: Any, level: int) -> str:
        if properties is not None:
            if properties.find(f"{DRAWING}buNone") is not None:
                return ""
            if (numbered := properties.find(f"{DRAWING}buAutoNum")) is not None:
                return self._numbered(numbered, level)
            if properties.find(f"{DRAWING}buChar") is not None:
                return "-"
        return "-" if self.is_list else ""

    def _numbered(self, numbered: Any, level: int) -> str:
        start = (numbered.get("startAt") or "1")[:4]
        self._counts[level] = self._counts.get(level, (int(start) if start.isdecimal() else 1) - 1) + 1
        for deeper in [other for other in self._counts if other > level]:
            del self._counts[deeper]
        kind = numbered.get("type") or "arabicPeriod"
        way = next((way for name, way in _WAYS.items() if kind.startswith(name)), "decimal")
        way = "chineseCounting" if kind.startswith("ea1Chs") else way
        said = numeral(self._counts[level], f"upper{way}" if "Uc" in kind else way)
        return f"({said})" if "ParenBoth" in kind else said + (")" if "ParenR" in kind else ".")


def _level(properties: Any) -> int:
    said = "" if properties is None else properties.get("lvl") or ""
    return int(said) if said in tuple("012345678") else 0


def _hidden(properties: Any, white_is_seen: bool) -> str:
    """Why nobody sees a run, or ''."""
    if properties is None:
        return ""
    size = properties.get("sz") or ""
    if size.isdecimal() and len(size) < 6 and int(size) < _TINY:
        return "tiny"
    fill = properties.find(_COLOUR)
    if fill is None:
        outlined = properties.find(f"{DRAWING}ln") is not None
        return "transparent" if properties.find(f"{DRAWING}noFill") is not None and not outlined else ""
    alpha = next(fill.iter(f"{DRAWING}alpha"), None)
    if alpha is not None and alpha.get("val") in ("0", "0%"):
        return "transparent"
    colour = fill.find(f"{DRAWING}srgbClr")
    return "white" if not white_is_seen and colour is not None and is_white(colour.get("val")) else ""
