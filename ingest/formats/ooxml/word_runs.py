"""The visible text of a Word paragraph. What no reader sees is counted by its reason."""

from dataclasses import dataclass
from typing import Any

from ingest.formats.office.text import PAGE
from ingest.formats.ooxml.math import equation
from ingest.formats.ooxml.package import FALLBACK, MATH, WORD
from ingest.formats.ooxml.word_styles import PLAIN, Look, Style, Styles, is_shaded, look, value
from ingest.notes import Notes

BOX, PARAGRAPH, TABLE, CELL = (f"{WORD}{tag}" for tag in ("txbxContent", "p", "tbl", "tc"))
_RUN, _BREAK, _RENDERED = f"{WORD}r", f"{WORD}br", f"{WORD}lastRenderedPageBreak"
_TEXT, _EQUATION = f"{WORD}t", f"{MATH}oMath"
_BLANKS = {f"{WORD}tab": " ", _BREAK: "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
_DELETED = frozenset({f"{WORD}del", f"{WORD}moveFrom"})
# The contents of text boxes are walked on their own; `rt` says how a character is pronounced.
_SKIPPED = frozenset({FALLBACK, BOX, f"{WORD}instrText", f"{WORD}rt", f"{WORD}pPr", f"{WORD}rPr"})
_PLAIN_TABLES = frozenset({"", "normal table", "table grid", "table normal", "网格型", "普通表格"})


@dataclass(frozen=True, slots=True)
class Runs:
    """Reads paragraphs of one document. `is_rendered`: Word has said where its pages broke."""

    styles: Styles
    notes: Notes
    is_rendered: bool = False
    is_coloured: bool = False  # the paper is not white

    def text(self, paragraph: Any) -> str:
        """Its text without that of its text boxes; `PAGE` stands where a page begins."""
        style = self.styles.of(value(paragraph, "pPr", "pStyle"))
        found: list[str] = []
        stack = [paragraph]
        while stack:
            element = stack.pop()
            tag = element.tag
            if tag == _TEXT:
                found.append(element.text or "")
            elif tag == _RUN and (reason := self._hidden(element, style, paragraph)):
                self.notes.hide(reason, written(element))
            elif tag in _BLANKS:
                found.append(self._blank(element))
            elif tag in _DELETED:
                self.notes.hide("deleted", written(element))
            elif tag == _EQUATION:
                found.append(equation(element))
            elif tag == _RENDERED:
                found.append(PAGE)
            elif tag not in _SKIPPED:
                stack.extend(reversed(element))
        return "".join(found)

    def _blank(self, element: Any) -> str:
        if element.tag == _BREAK and element.get(f"{WORD}type") == "page":
            return "\n" if self.is_rendered else "\n" + PAGE
        return _BLANKS[element.tag]

    def _hidden(self, run: Any, style: Style, paragraph: Any) -> str:
        """Why nobody sees a run, or ''."""
        found = self._look(run.find(f"{WORD}rPr"), style)
        reason = found.hidden if found is not PLAIN else ""
        if reason == "white" and (style.shaded or self.is_coloured or self._on_ground(paragraph)):
            return ""
        return reason

    def _look(self, properties: Any, style: Style) -> Look:
        if properties is None:
            return style.look
        found = look(properties)
        if key := value(properties, "rStyle"):
            found = found.over(self.styles.of(key).look)
        return found.over(style.look)

    def _on_ground(self, paragraph: Any) -> bool:
        """Whether something with a colour may lie beneath: then white text can be read."""
        if is_shaded(paragraph.find(f"{WORD}pPr")):
            return True
        above = paragraph.getparent()
        while above is not None:
            if above.tag == BOX or (above.tag == CELL and is_shaded(above.find(f"{WORD}tcPr"))):
                return True
            if above.tag == TABLE and self._is_table_coloured(above):
                return True
            above = above.getparent()
        return False

    def _is_table_coloured(self, table: Any) -> bool:
        """By itself or, as far as we can tell, by its style."""
        key = value(table, "tblPr", "tblStyle")
        name = self.styles.by_id[key].name if key in self.styles.by_id else ""
        return is_shaded(table.find(f"{WORD}tblPr")) or name not in _PLAIN_TABLES


def written(element: Any) -> str:
    """All characters below an element, deleted ones too."""
    return "".join(t.text or "" for t in element.iter(f"{WORD}t", f"{WORD}delText", f"{MATH}t"))


def within(element: Any, tags: frozenset[str], top: Any) -> bool:
    """Whether an element stands below one of these, which stands below `top`."""
    above = element.getparent()
    while above is not None and above is not top:
        if above.tag in tags:
            return True
        above = above.getparent()
    return False
