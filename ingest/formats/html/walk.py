"""A page, element by element: visible text to a `Writer`, what is hidden to the notes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.formats.html.css import Sheet, Style
from ingest.formats.html.look import Look, inner, removed
from ingest.formats.html.table import MOST_REPEATED, Grid, span
from ingest.formats.html.text import Writer
from ingest.notes import Notes
from rag.types import Span

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

DEEPEST_INDENT = 8
MOST_LOOKS = 500  # for pictures behind text
_LONGEST_ICON = 24  # characters

_CODE = frozenset("script style iframe object embed svg canvas head".split())
_NOT_DISPLAYED = frozenset("noscript template datalist noframes".split())
_PARAGRAPHS = frozenset(
    "address article aside blockquote body details dialog dl fieldset figure footer form header hr main nav "
    "ol p pre section table ul h1 h2 h3 h4 h5 h6".split()
)
_LINES = frozenset(
    "br caption dd div dt figcaption legend li option summary tbody td tfoot th thead tr".split()
)
_ASIDE = frozenset({"nav", "footer"})
_ASIDE_ROLES = frozenset({"navigation", "contentinfo", "search"})
_HEADING = re.compile("h[1-6]")
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_ICONS = frozenset("a b em i span sup".split())
_FADING = frozenset("display visibility opacity height overflow".split())
_PICTURES = "img, picture, video, canvas, svg"

Attributes = Mapping[str, str | None]


@dataclass(slots=True)
class _Step:
    """An element or text to be visited, or an element to be left."""

    node: "LexborNode"
    look: Look
    tag: str = ""  # set on leaving
    start: int = 0
    attributes: Attributes = field(default_factory=dict)
    is_row: bool = False


class Walk:
    """Depth first without recursion: a hostile page nests deeper than Python may."""

    def __init__(self, sheet: Sheet, notes: Notes, *, has_outside_styles: bool) -> None:
        self.writer = Writer()
        self._sheet = sheet
        self._notes = notes
        self._has_outside_styles = has_outside_styles
        self._numbers: list[int | None] = []  # of open lists; None is not numbered
        self._grids: list[Grid] = []
        self._asides = 0
        self._preformatted = 0
        self._repeated = 0
        self._looks = MOST_LOOKS

    def page(self, root: "LexborNode", look: Look) -> None:
        """All below `root`, which itself looks as `look` says."""
        stack = [_Step(root, look)]
        while stack:
            step = stack.pop()
            node = step.node
            if step.tag:
                self._leave(step)
            elif node.is_text_node:
                self._say(node.text_content or "", step.look)
            elif node.is_comment_node:
                self._notes.hide("comment", node.comment_content or "")
            elif node.is_element_node:
                self._visit(step, stack)

    def _visit(self, step: _Step, stack: list[_Step]) -> None:
        node, tag = step.node, step.node.tag or ""
        attributes: Attributes = node.attributes
        style = self._sheet.style(node, attributes)
        if tag == "body":  # pages that fade in hide their body until a script has run
            style = {name: said for name, said in style.items() if name not in _FADING}
        if self._is_left_out(node, tag, attributes, style):
            return
        look = step.look
        if style or attributes:
            look = inner(look, tag, style, attributes, hazy=self._is_hazy(node, attributes, style))
        leaving = self._enter(node, tag, attributes, look)
        stack.append(leaving)
        child = node.last_child
        while child is not None:
            stack.append(_Step(child, look))
            child = child.prev

    def _is_left_out(self, node: "LexborNode", tag: str, attributes: Attributes, style: Style) -> bool:
        if tag in _CODE:
            if tag == "svg" and node.text().strip():
                self._notes.warn("words within drawings (svg) are left out")
            return True
        closed = tag == "dialog" and "open" not in attributes
        hidden = closed or "hidden" in attributes or "popover" in attributes
        reason = "not displayed" if tag in _NOT_DISPLAYED else removed(style, hidden=hidden)
        if not reason and attributes.get("aria-hidden") == "true" and _is_icon(node, tag):
            reason = "not displayed"
        if reason:
            self._notes.hide(reason, node.text() if tag != "template" else _bare(node.html or ""))
        return bool(reason)

    def _is_hazy(self, node: "LexborNode", attributes: Attributes, style: Style) -> bool:
        """Whether it may stand on a background that the page does not tell."""
        if self._has_outside_styles and (attributes.get("class") or attributes.get("id")):
            return True
        if style.get("position") in ("absolute", "fixed") and node.parent is not None and self._looks:
            self._looks -= 1
            return node.parent.css_first(_PICTURES) is not None
        return False

    def _say(self, text: str, look: Look) -> None:
        if look.hides:
            self._notes.hide(look.hides, text)
            return
        if look.is_doubtful and text.strip():
            self._notes.warn("white text is kept: what is behind it is not known")
        if self._preformatted and not self.writer.flat and text.strip("\n"):
            self.writer.put(text.strip("\n"))
        else:
            self.writer.say(text)

    def _enter(self, node: "LexborNode", tag: str, attributes: Attributes, look: Look) -> _Step:
        """Open an element; what to do when it is left."""
        writer = self.writer
        leaving = _Step(node, look, tag or "-", 0, attributes)
        _break(tag, writer)
        if tag == "table":
            self._grids.append(Grid())
        elif tag == "tr" and self._grids and not writer.flat and _is_data_row(node):
            leaving.is_row = True
            writer.place()
            leaving.start = writer.mark()
            writer.flat = True
            self._grids[-1].begin_row()
        elif tag in ("td", "th") and writer.flat and self._grids:
            self._cells(self._grids[-1].before_cell())
            self._open_cell()
            leaving.start = writer.mark()
        elif tag in ("ul", "ol"):
            self._numbers.append(0 if tag == "ol" else None)
        elif tag == "li" and not writer.flat:
            writer.open(self._bullet())
        elif tag == "pre":
            self._preformatted += 1
        elif _is_aside(tag, attributes):
            self._asides += 1
            leaving.start = writer.place()
        elif _HEADING.fullmatch(tag):
            leaving.start = writer.place()
        return leaving

    def _leave(self, step: _Step) -> None:
        tag, writer = step.tag, self.writer
        if tag == "table":
            self._notes.tables += self._grids.pop().rows > 0
        elif step.is_row:
            self._cells(self._grids[-1].end_row())
            if self._grids[-1].is_spare:
                writer.replace(step.start, writer.since(step.start).strip(" |"))
            writer.flat = False
        elif tag in ("td", "th") and writer.flat and self._grids:
            self._close_cell(step)
        elif tag in _GROUPS and self._grids:
            self._grids[-1].end_group()
        else:
            self._leave_block(step)
        _break(tag, writer)

    def _leave_block(self, step: _Step) -> None:
        tag, writer = step.tag, self.writer
        if tag in ("ul", "ol"):
            self._numbers.pop()
        elif tag == "pre":
            self._preformatted -= 1
        elif _is_aside(tag, step.attributes):
            self._asides -= 1
            if not self._asides:
                writer.aside.append(Span(step.start, writer.length))
        elif _HEADING.fullmatch(tag) and not self._asides and not writer.flat:
            writer.headings.append((step.start, writer.length, int(tag[1])))

    def _cells(self, texts: list[str]) -> None:
        """Cells from rows above, said again."""
        for text in texts:
            self._repeated += len(text) + 3
            if self._repeated > MOST_REPEATED:
                self._notes.warn("merged cells are no longer repeated: there is too much of them")
                return
            self._open_cell()
            if text:
                self.writer.put(text)

    def _open_cell(self) -> None:
        grid = self._grids[-1]
        self.writer.open("" if grid.is_first else " | ")
        grid.is_first = False

    def _close_cell(self, step: _Step) -> None:
        rows = span(step.attributes.get("rowspan"))
        text = " ".join(self.writer.since(step.start).split())
        self._grids[-1].cell(text, rows, span(step.attributes.get("colspan")))

    def _bullet(self) -> str:
        indent = "  " * min(len(self._numbers) - 1, DEEPEST_INDENT)
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return f"{indent}- "
        self._numbers[-1] = number + 1
        return f"{indent}{number + 1}. "


def _break(tag: str, writer: Writer) -> None:
    if tag in _PARAGRAPHS:
        writer.gap(2)
    elif tag in _LINES:
        writer.gap(1)


def _is_data_row(row: "LexborNode") -> bool:
    """A row of figures and words; rows that hold headings or tables only lay out the page."""
    return row.css_first("h1, h2, h3, h4, h5, h6, table, ul p, pre") is None


def _is_aside(tag: str, attributes: Attributes) -> bool:
    return tag in _ASIDE or attributes.get("role") in _ASIDE_ROLES


def _is_icon(node: "LexborNode", tag: str) -> bool:
    """One word or sign that only decorates, such as the name of an icon; longer text is on the screen."""
    said = node.text().strip()
    return tag in _ICONS and len(said) <= _LONGEST_ICON and len(said.split()) <= 1


def _bare(markup: str) -> str:
    return re.sub(r"<[^<>]{0,1000}>", " ", markup)
