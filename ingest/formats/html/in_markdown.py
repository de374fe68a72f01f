"""HTML and JSX within Markdown: what of it a reader does not see."""

import re
from collections.abc import Iterator

from ingest.formats.html.css import declarations
from ingest.formats.html.look import Look, inner, removed
from rag.types import Span

_OPEN = re.compile(r"<([a-z][a-z0-9]{0,20})((?:\s[^<>]{0,1000})?)>", re.IGNORECASE)
_STYLE = re.compile(r"""\sstyle\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\s(bgcolor|color|hidden)(?:\s*=\s*["']?([^"'\s>]*))?(?=[\s"'/]|$)""", re.IGNORECASE
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_CODE = frozenset("script style template noscript".split())
# A link definition that leads nowhere is the comment of Markdown itself: `[//]: # (words)`.
_REMARK_LINK = re.compile(r"^[ ]{0,3}\[[^\[\]\n]{1,100}\]:[ \t]*(?:\#|<>)(?:[ \t][^\n]*)?$", re.MULTILINE)
_PROGRAM = re.compile(r"^(?:import|export)[ \t][^\n]*(?:\n(?![ \t]*\n)[^\n]+)*", re.MULTILINE)
_TAG = re.compile(r"^[ \t]*</?[A-Z][\w.]{0,100}(?:\s[^<>]{0,2000})?/?>[ \t]*\r?$", re.MULTILINE)
_REMARK = re.compile(r"\{/\*(?:[^*]|\*(?!/\}))*\*/\}")


def unseen(text: str) -> Iterator[tuple[Span, str]]:
    """Remarks, and elements that are not displayed, with the reason; of each kind none within another."""
    yield from ((Span(*match.span()), "comment") for match in _REMARK_LINK.finditer(text))
    place = 0
    while match := _OPEN.search(text, place):
        place = match.end()
        tag = match[1].lower()
        reason = "" if tag in _VOID or match[2].endswith("/") else _reason(tag, match[2])
        if reason:
            place = _end(text, tag, place)
            yield Span(match.start(), place), reason


def jsx(text: str) -> Iterator[Span]:
    """The program in MDX: imports, exports, remarks, and lines that are only a component's tag."""
    for pattern in (_PROGRAM, _TAG, _REMARK):
        yield from (Span(*match.span()) for match in pattern.finditer(text))


def _reason(tag: str, said: str) -> str:
    if tag in _CODE:
        return "not displayed"
    style = _STYLE.search(said)
    attributes = (
        {m[1].lower(): m[2] for m in _ATTRIBUTE.finditer(said)} if not style or "hidden" in said else {}
    )
    if not style and not attributes:
        return ""
    declared = declarations(style[1][1:-1]) if style else {}
    hidden = removed(declared, hidden="hidden" in attributes)
    return hidden or inner(Look(), tag, declared, attributes, hazy=False).hides


def _end(text: str, tag: str, place: int) -> int:
    """Where the element ends whose opening tag ends here; an unclosed one reaches to the end."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b", re.IGNORECASE).finditer(text, place):
        depth += -1 if match[1] else 1
        if not depth:
            close = text.find(">", match.end())
            return close + 1 if close >= 0 else len(text)
    return len(text)
