"""Blocks of OpenDocument text: paragraphs, headings, lists and tables in their order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.odf.document import DRAW, OFFICE, PLAIN, STYLE, TABLE, TEXT, Look, Odf, repeats
from ingest.formats.office.numerals import numeral
from ingest.formats.office.text import PAGE, OfficeText

PARAGRAPH, HEADING, LIST = (f"{TEXT}{tag}" for tag in ("p", "h", "list"))
GRID, ROW, CELL = (f"{TABLE}{tag}" for tag in ("table", "table-row", "table-cell"))
_COVERED = f"{TABLE}covered-table-cell"
_NOTE, _COMMENT, _CHANGES = f"{TEXT}note", f"{OFFICE}annotation", f"{TEXT}tracked-changes"
_ITEMS = (f"{TEXT}list-item", f"{TEXT}list-header")
_BLANKS = {f"{TEXT}tab": " ", f"{TEXT}line-break": "\n", f"{TEXT}soft-page-break": PAGE}
_UNSEEN = (f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph")
_BOXES = (f"{DRAW}text-box", f"{OFFICE}forms")
_INDEXES = tuple(f"{TEXT}{kind}" for kind in ("table-of-content", "alphabetical-index", "illustration-index"))
_WAYS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_MOST_CELLS = 1_000  # of a row
_MOST_ROWS = 1_000  # that one row stands for
_MOST_REPEATED = 20_000  # cells that one row stands for
_DEEPEST = 100  # lists and sections within each other


@dataclass(slots=True)
class OdfReader:
    """Writes the blocks of one document. `noted` are footnotes, to be said at the end."""

    odf: Odf
    text: OfficeText
    noted: list[str] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)  # of numbered lists that may go on

    def add(self, parent: Any, depth: int = 0) -> None:
        """All blocks below an element; their text boxes come after each."""
        for element in parent if depth < _DEEPEST else ():
            if element.tag == PARAGRAPH:
                self._paragraph(element)
            elif element.tag == HEADING:
                self._heading(element)
            elif element.tag == LIST:
                self._list(element, element.get(f"{TEXT}style-name") or "", 0)
            elif element.tag == GRID:
                self.text.table(self.rows(element))
            elif element.tag == _CHANGES:
                self.text.notes.hide("deleted", _written(element))
            elif element.get(f"{TEXT}display") == "none":
                self.text.notes.hide("not displayed", _written(element))
            elif element.tag in _INDEXES:
                for line in element.iter(PARAGRAPH):
                    self.text.aside(self.said(line))
            else:
                self.add(element, depth + 1)

    def said(self, paragraph: Any) -> str:
        """The visible text of a paragraph, without its text boxes, notes and comments."""
        look = self.odf.look("paragraph", paragraph.get(f"{TEXT}style-name"))
        return "".join(self._pieces(paragraph, look))

    def rows(self, table: Any) -> Iterator[str]:
        """Each row on one line; a cell merged downwards is repeated, one merged sideways is told once."""
        above: dict[int, tuple[str, int]] = {}  # column: text, rows that it still covers
        for row in (row for row in table.iter(ROW) if _nearest(row, GRID) is table):
            line = self._cells(row, above)
            most = min(_MOST_ROWS, max(1, _MOST_REPEATED // max(1, len(line))))
            for _ in range(repeats(row, f"{TABLE}number-rows-repeated", most) if any(line) else 0):
                yield " | ".join(line)

    def _paragraph(self, element: Any) -> None:
        look = self.odf.look("paragraph", element.get(f"{TEXT}style-name"))
        said = self.said(element)
        if look.breaks:
            self.text.page()
        if look.title and not self.text.title:
            self.text.title = " ".join(said.replace(PAGE, " ").split())
        self.text.paragraph(said)
        self._boxes(element)

    def _heading(self, element: Any) -> None:
        level = repeats(element, f"{TEXT}outline-level", 9)
        self.text.heading(self.said(element), level)
        self._boxes(element)

    def _boxes(self, element: Any) -> None:
        for box in element.iter(f"{DRAW}text-box"):
            if _nearest(box, PARAGRAPH) is element:
                self.add(box)

    def _list(self, element: Any, style: str, depth: int) -> None:
        style = element.get(f"{TEXT}style-name") or style
        goes_on = element.get(f"{TEXT}continue-numbering") == "true"
        number = self._counts.get(f"{style} {depth}", 0) if goes_on else 0
        for item in element if depth < _DEEPEST else ():
            number += item.tag in _ITEMS
            start = item.get(f"{TEXT}start-value") or ""
            number = int(start) if start.isdecimal() and len(start) < 6 else number
            self._item(item, self._mark(style, depth, number), style, depth)
        self._counts[f"{style} {depth}"] = number

    def _item(self, item: Any, mark: str, style: str, depth: int) -> None:
        for element in item:
            if element.tag == LIST:
                self._list(element, style, depth + 1)
            elif element.tag == HEADING:
                self._heading(element)
            elif element.tag == PARAGRAPH:
                self.text.item(self.said(element), mark, depth)
                self._boxes(element)

    def _mark(self, style: str, depth: int, number: int) -> str:
        found = self.odf.lists.get(style)
        for level in () if found is None else found:
            if level.get(f"{TEXT}level") == str(depth + 1) and level.tag.endswith("-number"):
                way = _WAYS.get(level.get(f"{STYLE}num-format") or "", "none")
                said = numeral(number, way)
                prefix, suffix = (level.get(f"{STYLE}num-{side}") or "" for side in ("prefix", "suffix"))
                return f"{prefix}{said}{suffix}" if said else "-"
        return "-"

    def _cells(self, row: Any, above: dict[int, tuple[str, int]]) -> list[str]:
        found: list[str] = []
        column = 0
        for cell in row.iterchildren(CELL, _COVERED):
            text, left = above.pop(column, ("", 0))
            if cell.tag == _COVERED:
                if left:  # below the cell that covers it, not beside
                    found.append(text)
                    above[column] = (text, left - 1)
            else:
                text = " ".join(" ".join(map(self.said, cell.iter(PARAGRAPH, HEADING))).split())
                above[column] = (text, repeats(cell, f"{TABLE}number-rows-spanned", _MOST_ROWS) - 1)
                found += [text] * repeats(cell, f"{TABLE}number-columns-repeated", _MOST_CELLS)
            column += repeats(cell, f"{TABLE}number-columns-repeated", _MOST_CELLS)
        while found and not found[-1]:
            found.pop()
        return found

    def _pieces(self, element: Any, look: Look) -> Iterator[str]:
        """Text and tails; recursion goes as deep as the parser let the file be."""
        yield from self._shown(element.text, look, element)
        for child in element:
            if child.tag in _BLANKS:
                yield _BLANKS[child.tag]
            elif child.tag == f"{TEXT}s":
                yield " " * repeats(child, f"{TEXT}c", 8)
            elif child.tag == _NOTE:
                self._note(child)
            elif child.tag == _COMMENT:
                self.text.notes.hide("comment", _written(child))
            elif child.tag in _UNSEEN:
                self.text.notes.hide("not displayed", child.get(f"{TEXT}string-value") or _written(child))
            elif child.tag not in _BOXES:
                own = child.get(f"{TEXT}style-name") if child.tag == f"{TEXT}span" else None
                yield from self._pieces(child, self.odf.look("text", own).over(look) if own else look)
            yield from self._shown(child.tail, look, element)

    def _shown(self, said: str | None, look: Look, element: Any) -> Iterator[str]:
        if not said:
            return
        reason = look.reason if look is not PLAIN else ""
        if reason and not (reason == "white" and self._on_ground(element)):
            self.text.notes.hide(reason, said)
        else:
            yield said.replace("\n", " ")

    def _on_ground(self, element: Any) -> bool:
        """Whether something with a colour may lie beneath."""
        above = element
        while above is not None:
            if above.tag == CELL and self.odf.look("table-cell", above.get(f"{TABLE}style-name")).ground:
                return True
            if above.tag.startswith(DRAW) or (above.tag == GRID and self._is_coloured(above)):
                return True
            above = above.getparent()
        return False

    def _is_coloured(self, table: Any) -> bool:
        rows = (row for row in table.iter(ROW))
        styles = [("table-row", row.get(f"{TABLE}style-name")) for row in rows]
        return any(
            self.odf.look(*style).ground for style in {("table", table.get(f"{TABLE}style-name")), *styles}
        )

    def _note(self, note: Any) -> None:
        body = note.find(f"{TEXT}note-body")
        said = "" if body is None else " ".join(" ".join(map(self.said, body.iter(PARAGRAPH))).split())
        if said:
            self.noted.append(said)


def _written(element: Any) -> str:
    return "".join(element.itertext())


def _nearest(element: Any, tag: str) -> Any:
    above = element.getparent()
    while above is not None and above.tag != tag:
        above = above.getparent()
    return above
