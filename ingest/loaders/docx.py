"""Word documents: paragraphs, lists and tables in the order of the document, headings by style.

The XML is walked by ourselves: what python-docx offers above it stumbles over broken tables and
leaves out text boxes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from ingest.outline import Heading, sections
from ingest.types import Loaded
from ingest.zipped import check_office
from rag.errors import UnreadableFile

SUFFIXES = (".docx",)
VERSION = 1

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX, _PARAGRAPH, _TABLE, _ROW, _CELL = (f"{_W}{tag}" for tag in ("txbxContent", "p", "tbl", "tr", "tc"))
_TEXTS = frozenset({f"{_W}t", f"{_M}t"})
_BLANKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# What was deleted under revision, and the contents of what is walked on its own.
_SKIPPED = frozenset({_FALLBACK, _BOX, f"{_W}del", f"{_W}moveFrom", f"{_W}instrText"})
_NOTES = "/footnotes"


@dataclass(slots=True)
class _Made:
    """The text so far."""

    levels: dict[str, int]  # style to heading level; 0 is the title
    lists: frozenset[str]
    parts: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    title: str = ""
    length: int = 0
    hidden: int = 0

    def add(self, text: str, gap: str) -> None:
        gap = gap if self.parts else ""
        self.parts.append(gap + text)
        self.length += len(gap) + len(text)


def load(data: bytes, name: str) -> Loaded:
    """Paragraphs divided by blank lines, list items and table rows by lines."""
    document = _open(data)
    made = _Made(*_styles(document))
    for block in _blocks(document.element.body):
        _add(block, made)
    for number, note in enumerate(_footnotes(document), 1):
        made.add(f"[{number}] {note}", "\n\n")
    text = "".join(made.parts)
    report: dict[str, object] = {"hidden": made.hidden} if made.hidden else {}
    title = made.title or (document.core_properties.title or "").strip()
    return Loaded(text, title=title, sections=sections(text, made.headings), report=report)


def _open(data: bytes) -> Any:
    import docx
    from docx.opc.exceptions import OpcError

    check_office(data, "Word")
    try:
        return docx.Document(BytesIO(data))
    except (OpcError, BadZipFile, SyntaxError, KeyError, ValueError, AttributeError) as error:
        raise UnreadableFile(
            f"not a Word document: {error}", hint="open it in Word and save it anew"
        ) from error


def _styles(document: Any) -> tuple[dict[str, int], frozenset[str]]:
    """Styles that make headings, by their own name or that of the style they build on; styles of lists."""
    levels: dict[str, int] = {}
    lists: set[str] = set()
    for style in document.styles.element.findall(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        said = style.find(f"{_W}name")
        name = ("" if said is None else said.get(f"{_W}val") or "").lower()
        level = name.removeprefix("heading ")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        if name == "title":
            levels[key] = 0
        elif name != level and level.isdigit():
            levels[key] = int(level)
        elif outline is not None and (outline.get(f"{_W}val") or "").isdigit():
            levels[key] = int(outline.get(f"{_W}val")) + 1
        if name.startswith("list") and name != "list paragraph":
            lists.add(key)
    return {key: level for key, level in levels.items() if level < 9}, frozenset(lists)


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, without recursion; a text box follows its paragraph."""
    stack = [parent]
    while stack:
        element = stack.pop()
        if element is not parent and element.tag in (_PARAGRAPH, _TABLE):
            yield element
            if element.tag == _TABLE:
                continue
            inner = [box for box in element.iter(_BOX) if not _within(box, _FALLBACK, element)]
            stack.extend(reversed(inner))
        elif element.tag not in _SKIPPED or element.tag == _BOX:
            stack.extend(reversed(list(element)))


def _within(element: Any, tag: str, top: Any) -> bool:
    """True below such an element, or below another text box, which will bring it itself."""
    above = element.getparent()
    while above is not None and above is not top:
        if above.tag in (tag, _BOX):
            return True
        above = above.getparent()
    return False


def _add(block: Any, made: _Made) -> None:
    if block.tag == _TABLE:
        for number, row in enumerate(_rows(block, made)):
            made.add(row, "\n" if number else "\n\n")
        return
    text = "\n".join(line.strip() for line in _text(block, made).split("\n")).strip()
    if not text:
        return
    style = _value(block, "pPr", "pStyle")
    level = made.levels.get(style)
    outline = _value(block, "pPr", "outlineLvl")
    if level is None and outline.isdigit() and int(outline) < 9:
        level = int(outline) + 1
    if level == 0 and not made.title:
        made.title = " ".join(text.split())
    is_item = block.find(f"{_W}pPr/{_W}numPr") is not None or style in made.lists
    if is_item and not level:
        made.add(f"- {text}", "\n")
        return
    made.add(text, "\n\n")
    if level:
        made.headings.append(Heading(made.length - len(text), level, " ".join(text.split())))


def _rows(table: Any, made: _Made) -> Iterator[str]:
    """Each row on one line; tables within cells are told in the cell."""
    for row in table.iter(_ROW):
        if _nearest(row, _TABLE) is not table:
            continue
        cells = [cell for cell in row.iter(_CELL) if _nearest(cell, _ROW) is row]
        told = [" ".join(_cell(cell, made).split()) for cell in cells]
        if any(told):
            yield " | ".join(told)


def _nearest(element: Any, tag: str) -> Any:
    above = element.getparent()
    while above is not None and above.tag != tag:
        above = above.getparent()
    return above


def _cell(cell: Any, made: _Made) -> str:
    paragraphs = (p for p in cell.iter(_PARAGRAPH) if not _within(p, _FALLBACK, cell) or _in_box(p, cell))
    return " ".join(_text(paragraph, made) for paragraph in paragraphs)


def _in_box(paragraph: Any, cell: Any) -> bool:
    box = _nearest(paragraph, _BOX)
    return box is not None and not _within(box, _FALLBACK, cell)


def _text(paragraph: Any, made: _Made) -> str:
    """The visible text of a paragraph, without that of its text boxes."""
    found: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        if element.tag in _TEXTS:
            found.append(element.text or "")
        elif element.tag in _BLANKS:
            found.append(_BLANKS[element.tag])
        elif element.tag == f"{_W}r" and _is_hidden(element):
            made.hidden += 1
        elif element.tag not in _SKIPPED:
            stack.extend(reversed(list(element)))
    return "".join(found)


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val") not in ("0", "false", "off")


def _value(block: Any, *path: str) -> str:
    found = block.find("/".join(f"{_W}{tag}" for tag in path))
    return "" if found is None else found.get(f"{_W}val") or ""


def _footnotes(document: Any) -> Iterator[str]:
    from docx.oxml import parse_xml  # resolves no entities

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(_NOTES):
            for note in parse_xml(relation.target_part.blob).iter(f"{_W}footnote"):
                text = " ".join("".join(t.text or "" for t in note.iter(f"{_W}t")).split())
                if text:
                    yield text
