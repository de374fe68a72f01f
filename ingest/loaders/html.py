"""HTML as a reader sees it: blocks, lists, tables as rows, headings as sections.

What a browser hides is left out and counted. Navigation and footers stay in the text, where they can
be looked at, but they are no section and so not searched.
"""

import re
from typing import TYPE_CHECKING

from ingest.formats.html.css import Sheet
from ingest.formats.html.look import Look, inner
from ingest.formats.html.walk import Walk
from ingest.notes import Notes
from ingest.outline import sections
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile
from rag.types import Section, Span

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

SUFFIXES = (".html", ".htm", ".xhtml")
VERSION = 2

DEEPEST = 40_000
DEEPEST_TABLE = 1_000  # tables within tables; every row looks for those within it
MOST_ATTRIBUTES = 5_000  # of one element; the parser's time grows with their square as well

_BLOCK = re.compile(
    r"<(/?)(?:div|section|article|main|aside|nav|header|footer|ul|ol|dl|blockquote|center|details|fieldset|figure)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(r"<(/?)table\b", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_CHARSET = re.compile(
    rb"""<(?:meta[^>]{1,300}charset|\?xml[^>]{1,200}encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE
)


def load(data: bytes, name: str) -> Loaded:
    """The visible text; the title stands first when the page itself does not begin with it."""
    said = _CHARSET.search(data[:4096])
    return load_text(*decode(data, said[1].decode() if said else ""))


def load_text(text: str, charset: str = "", *, titled: bool = True) -> Loaded:
    """As `load`, of a page that is decoded already; not `titled`, its title is no text."""
    from selectolax.lexbor import LexborHTMLParser

    if any(tag[0].count("=") > MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise UnreadableFile(
            "an element has too many attributes", state="too large", hint="save the page anew"
        )
    if _depth(_BLOCK, text) > DEEPEST or _depth(_TABLE, text) > DEEPEST_TABLE:
        raise UnreadableFile("nested too deeply", state="too large", hint="divide the page")
    tree = LexborHTMLParser(text)
    body = tree.body
    if body is None:
        raise UnreadableFile("there is no page in it", state="empty", hint="remove it, or add text")
    title, first = _line(tree, "title"), _line(tree, "h1")
    notes = Notes(charset=charset)
    walk = Walk(sheet := Sheet.of(tree), notes, has_outside_styles=_has_outside_styles(tree))
    if titled and title and title != first:
        walk.writer.put(title)
    begin = walk.writer.length
    walk.writer.gap(2)
    walk.page(body, _page_look(tree, sheet))
    made = walk.writer.text()
    found = sections(made, walk.writer.outline(), begin=begin, left_out=walk.writer.aside)
    if not found and made[begin:].strip():
        found = (Section(Span(begin, len(made))),)
    return Loaded(made, title=title, sections=found, report=notes.report())


def _depth(tags: re.Pattern[str], text: str) -> int:
    """How deep blocks are nested at most. The parser's time grows with its square."""
    depth = deepest = 0
    for match in tags.finditer(text):
        depth += -1 if match[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _line(tree: "LexborHTMLParser", selector: str) -> str:
    node = tree.css_first(selector)
    return " ".join(node.text().split()) if node else ""


def _has_outside_styles(tree: "LexborHTMLParser") -> bool:
    return tree.css_first("link[rel~=stylesheet]") is not None


def _page_look(tree: "LexborHTMLParser", sheet: Sheet) -> Look:
    """How the page looks behind its body: a page is white unless its root says otherwise."""
    root = tree.root
    if root is None:
        return Look()
    return inner(Look(), "html", sheet.style(root, root.attributes), root.attributes, hazy=False)
