"""Markdown. The canonical text is the decoded file, unchanged; sections follow the headings.

Front matter is no section: it gives title and summary. A comment is no section either, since a
reader of the page never sees it; how many were left out stands in the report.
"""

import re

from ingest.clean import plain
from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.charset import decode
from rag.types import Span

SUFFIXES = (".md", ".markdown", ".mdx")
VERSION = 1
LONGEST = 500  # characters of a heading

_FRONT = re.compile(r"\s*^(---|\+\+\+)[ \t]*\r?\n(.*?)^\1[ \t]*(?:\r?\n|\Z)", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(
    r"""^(title|summary|description)\s*[:=][ \t]*(?:[>|][+-]?[ \t]*\r?\n)?[ \t]*["']?(.*?)["']?[ \t]*\r?$""",
    re.MULTILINE | re.IGNORECASE,
)
# Everything that opens or closes something: comment, fence, `# heading`, underline of a heading.
_MARK = re.compile(
    r"""(?<!`)(?P<comment><!--)
    |^[ ]{0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$
    |^[ ]{0,3}(?P<hashes>\#{1,6})(?:[ \t]+(?P<heading>[^\n]*?))?[ \t]*\r?$
    |(?P<above>^[ ]{0,3}[^\s#>|<`~][^\n]*\n)[ ]{0,3}(?P<under>=+|-{2,})[ \t]*\r?$""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_CLOSING = re.compile(r"[ \t]+#+$|[ \t]*\{#[^}\s]*\}$")
# Orders to tools: they hide nothing from a reader, and a cut there would split a section.
_TOOL = re.compile(
    r"\s*(?:markdownlint|prettier|textlint|vale|lint|/?toc|omit in toc)\b[\w\s:,./-]{0,80}",
    re.IGNORECASE,
)


def load(data: bytes, name: str) -> Loaded:
    """Sections by heading; a heading line belongs to the section it opens."""
    text, charset = decode(data)
    front = _FRONT.match(text)
    fields = _fields(front[2]) if front else {}
    begin = front.end() if front else 0
    headings, hidden = _marks(text, begin)
    first = next((heading.text for heading in headings if heading.level == 1), "")
    return Loaded(
        text,
        title=fields.get("title") or first,
        sections=sections(text, headings, begin=begin, left_out=hidden),
        summary=fields.get("summary") or fields.get("description") or "",
        report={"charset": charset} | ({"hidden": len(hidden)} if hidden else {}),
    )


def _fields(front: str) -> dict[str, str]:
    return {match[1].lower(): match[2].strip() for match in _FIELD.finditer(front)}


def _marks(text: str, begin: int) -> tuple[list[Heading], list[Span]]:
    """Headings, and comments that a reader does not see; both outside code."""
    headings: list[Heading] = []
    hidden: list[Span] = []
    place, last_end = begin, text.rfind("-->")
    while match := _MARK.search(text, place):
        place = match.end()
        if match["fence"]:
            place = _end_of_fence(text, match)
        elif match["comment"]:
            if place <= last_end:
                place = text.find("-->", place) + 3
                hidden += _unseen(text, match.start(), place)
        elif heading := _heading(text, match):
            headings.append(heading)
    return headings, hidden


def _unseen(text: str, start: int, end: int) -> list[Span]:
    return [] if _TOOL.fullmatch(text, start + 4, end - 3) else [Span(start, end)]


def _end_of_fence(text: str, match: re.Match[str]) -> int:
    """Where code ends; an unclosed fence reaches to the end of the text."""
    mark = match["fence"]
    if mark[0] == "`" and "`" in match["info"]:
        return match.end()  # code within a line
    close = re.compile(rf"^[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*\r?$", re.MULTILINE)
    found = close.search(text, match.end())
    return found.end() if found else len(text)


def _heading(text: str, match: re.Match[str]) -> Heading | None:
    if match["hashes"]:
        words = _CLOSING.sub("", (match["heading"] or "")[:LONGEST]).strip("# \t")
        return Heading(match.start(), len(match["hashes"]), plain(words)) if words else None
    above = match["above"]
    starts_block = (
        text[max(0, match.start() - 3) : match.start()].endswith(("\n\n", "\n\r\n")) or not match.start()
    )
    if not starts_block or _LIST_ITEM.match(above):
        return None
    return Heading(match.start(), 1 if match["under"][0] == "=" else 2, plain(above[:LONGEST]))
