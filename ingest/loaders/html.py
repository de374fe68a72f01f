"""HTML as a reader sees it: blocks, lists, tables as rows, headings as sections.

What a browser hides is left out and counted. Navigation and footers stay in the text, where they can
be looked at, but they are no section and so not searched.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.loaders._html_text import Writer
from ingest.outline import sections
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile
from rag.types import Section, Span

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

SUFFIXES = (".html", ".htm", ".xhtml")
VERSION = 1
DEEPEST_INDENT = 8

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_SILENT = "script, style, noscript, template, iframe, object, embed, svg, canvas, datalist"
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?(?:[;\s]|$)|font-size\s*:\s*[01]?(?:px|pt|em|%)?\s*(?:;|$)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile("[{}]")
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
MOST_SELECTORS = 200
_PLAIN_SELECTOR = re.compile(r"[.#][\w-]+")
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


@dataclass(slots=True)
class _Walk:
    """Where the walk stands."""

    writer: Writer = field(default_factory=Writer)
    numbers: list[int | None] = field(default_factory=list)  # of open lists; None is not numbered
    asides: int = 0
    preformatted: int = 0


def load(data: bytes, name: str) -> Loaded:
    """The visible text; the title stands first when the page itself does not begin with it."""
    from selectolax.lexbor import LexborHTMLParser

    text, charset = _decode(data)
    tree = LexborHTMLParser(text)
    title, first = _line(tree, "title"), _line(tree, "h1")
    report: dict[str, object] = {"charset": charset, **_drop_hidden(tree)}
    walk = _Walk()
    body = tree.body
    if body is None:
        raise UnreadableFile("there is no page in it", state="empty", hint="remove it, or add text")
    if title and title != first:
        walk.writer.put(title)
    begin = walk.writer.length
    _walk(body, walk)
    made = walk.writer.text()
    found = sections(made, walk.writer.outline(), begin=begin, left_out=walk.writer.aside)
    if not found and made[begin:].strip():
        found = (Section(Span(begin, len(made))),)
    return Loaded(made, title=title, sections=found, report=report)


def _line(tree: "LexborHTMLParser", selector: str) -> str:
    node = tree.css_first(selector)
    return " ".join(node.text().split()) if node else ""


def _decode(data: bytes) -> tuple[str, str]:
    """What the page says of its encoding counts where its bytes do not say more."""
    said = _CHARSET.search(data[:4096])
    try:
        data.decode()
    except UnicodeDecodeError:
        if said and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            # Pages that say GB2312 use the characters of its successor.
            charset = {"gb2312": "gb18030", "gbk": "gb18030"}.get(said[1].decode().lower(), said[1].decode())
            try:
                return data.decode(charset), charset
            except (UnicodeDecodeError, LookupError):
                pass
    return decode(data)


def _drop_hidden(tree: "LexborHTMLParser") -> dict[str, int]:
    """Take out what no reader sees; how much it was."""
    hidden = [node for node in tree.css("[style]") if _UNSEEN.search(node.attributes.get("style") or "")]
    hidden += tree.css("[hidden], input[type=hidden]")
    for selector in _hiding(" ".join(node.text() for node in tree.css("style"))):
        hidden += tree.css(selector)
    seen = [node for node in hidden if node.tag not in ("html", "body")]
    counts = {"hidden": sum(bool(node.text().strip()) for node in seen), "scripts": len(tree.css("script"))}
    for node in [*seen, *tree.css(_SILENT)]:
        node.decompose()
    return {name: count for name, count in counts.items() if count}


def _hiding(rules: str) -> list[str]:
    """Classes and ids that a style sheet does not display; rules for print or narrow screens do not count."""
    found: dict[str, None] = {}
    rules = _COMMENT.sub(" ", rules)
    depth = start = 0
    selectors = ""
    for brace in _BRACE.finditer(rules):
        if brace[0] == "{":
            depth += 1
            if depth == 1:
                selectors, start = rules[start : brace.start()], brace.end()
            continue
        depth = max(0, depth - 1)
        if depth == 0:
            if "@" not in selectors and _NO_DISPLAY.search(rules, start, brace.start()):
                found |= dict.fromkeys(selector.strip() for selector in selectors.split(","))
            selectors, start = "", brace.end()
    plain = [selector for selector in found if _PLAIN_SELECTOR.fullmatch(selector)]
    return plain[:MOST_SELECTORS]


def _walk(root: "LexborNode", walk: _Walk) -> None:
    """Depth first without recursion: a hostile page nests deeper than Python may."""
    stack: list[tuple[LexborNode, bool, int]] = [(root, False, 0)]
    while stack:
        node, leaving, start = stack.pop()
        if leaving:
            _leave(node, walk, start)
        elif node.is_text_node:
            _say(node.text_content or "", walk)
        elif node.is_element_node:
            start = _enter(node, walk)
            stack.append((node, True, start))
            stack.extend((child, False, 0) for child in reversed(list(node.iter(include_text=True))))


def _say(text: str, walk: _Walk) -> None:
    if walk.preformatted and not walk.writer.flat and text.strip("\n"):
        walk.writer.put(text.strip("\n"))
    else:
        walk.writer.say(text)


def _enter(node: "LexborNode", walk: _Walk) -> int:
    """Open an element; the place where its text begins."""
    tag, writer = node.tag or "", walk.writer
    _break(tag, writer)
    if tag == "tr" and _is_data_row(node):
        start = writer.place()
        writer.flat = True
        return start
    if tag in ("td", "th") and writer.flat:
        writer.open(" | " if _has_cell_before(node) else "")
    if tag in ("ul", "ol"):
        walk.numbers.append(0 if tag == "ol" else None)
    elif tag == "li" and not writer.flat:
        writer.open(_bullet(walk.numbers))
    elif tag == "pre":
        walk.preformatted += 1
    elif _is_aside(node):
        walk.asides += 1
    return writer.place() if _HEADING.fullmatch(tag) or _is_aside(node) else 0


def _leave(node: "LexborNode", walk: _Walk, start: int) -> None:
    tag, writer = node.tag or "", walk.writer
    if tag == "tr" and writer.flat and _is_data_row(node):
        writer.flat = False
    if tag in ("ul", "ol"):
        walk.numbers.pop()
    elif tag == "pre":
        walk.preformatted -= 1
    elif _is_aside(node):
        walk.asides -= 1
        if not walk.asides:
            writer.aside.append(Span(start, writer.length))
    elif _HEADING.fullmatch(tag) and not walk.asides and not writer.flat:
        writer.headings.append((start, writer.length, int(tag[1])))
    _break(tag, writer)


def _break(tag: str, writer: Writer) -> None:
    if tag in _PARAGRAPHS:
        writer.gap(2)
    elif tag in _LINES:
        writer.gap(1)


def _bullet(numbers: list[int | None]) -> str:
    indent = "  " * min(len(numbers) - 1, DEEPEST_INDENT)
    number = numbers[-1] if numbers else None
    if number is None:
        return f"{indent}- "
    numbers[-1] = number + 1
    return f"{indent}{number + 1}. "


def _is_data_row(row: "LexborNode") -> bool:
    """A row of figures and words; rows that hold headings or tables only lay out the page."""
    return row.css_first("h1, h2, h3, h4, h5, h6, table, ul p, pre") is None


def _has_cell_before(cell: "LexborNode") -> bool:
    before = cell.prev
    while before is not None and before.tag not in ("td", "th"):
        before = before.prev
    return before is not None


def _is_aside(node: "LexborNode") -> bool:
    return node.tag in _ASIDE or node.attributes.get("role") in _ASIDE_ROLES
