"""Second pass: no links, images or HTML in any Markdown form, no citation that is not the server's.

A link's text stays, its target goes. Whatever looks like the beginning of a tag and is not one is
written with ‹, and what is taken out next to a bracket leaves a space, so that nothing can be put
together from what remains. Definitions of reference links are broken apart (`] :`), which makes
every reference link plain text.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from rag.gate.streams import Edit

LABEL = 300  # the longest link text
TARGET = 2000  # the longest target of a link, tag or comment

_TAGS = """a abbr acronym address animate applet area article aside audio b base basefont bdi bdo bgsound
    big blink blockquote body br button canvas caption center circle cite code col colgroup command content
    data datalist dd del defs desc details dfn dialog dir div dl dt element ellipse em embed fieldset
    figcaption figure font footer foreignobject form frame frameset g h1 h2 h3 h4 h5 h6 head header hgroup
    hr html i iframe image img input ins isindex kbd keygen label legend li line lineargradient link listing
    main map mark marquee math menu menuitem meta meter mi mn mo mtext nav nobr noembed noframes noscript
    object ol optgroup option output p param path picture plaintext polygon polyline portal pre progress q
    rb rect rp rt rtc ruby s samp script section select set shadow slot small source spacer span strike
    strong style sub summary sup svg symbol table tbody td template text textarea tfoot th thead time title
    tr track tt u ul use var video wbr xml xmp"""
_LABEL = rf"\[[^\[\]]{{0,{LABEL}}}\]"
_INSIDE = rf"(?:[^()\n]|\([^()\n]{{0,200}}\)){{0,{TARGET}}}"  # of a target's round brackets
_REFERENCE = rf"\[[^\[\]\n]{{0,{LABEL}}}\]"
_NAME = rf"/?(?:{'|'.join(_TAGS.split())})(?=[\s/>])"
_PARTS = re.compile(
    rf"(?P<image>!{_LABEL}(?:\({_INSIDE}\)|{_REFERENCE}))"
    rf"|(?P<bang>!(?=\[)(?!{_LABEL}(?!\()))"  # of an image that is not whole
    r"|(?P<number>\[\^?(?P<n>\d{1,4})\](?P<after>:?)(?!\())"
    r"|(?P<wide>[\[【［]\^?(?P<w>\d{1,4})[】］]|[【［]\^?(?P<v>\d{1,4})\](?!\())"
    rf"|(?P<link>{_LABEL}(?P<target>\({_INSIDE}\)|{_REFERENCE}))"
    r"|(?P<definition>\]:)"
    rf"|(?P<orphan>\]\({_INSIDE}\)?)"
    rf"|(?P<tag><(?:{_NAME}|[!?])[^<>]{{0,{TARGET}}}>)"
    r"|(?P<mail><[\w.+-]{1,64}@[\w.-]{1,190}>)"
    rf"|(?P<auto><[a-z][a-z0-9+.-]{{1,31}}:[^<>\s]{{0,{TARGET}}}>)"
    r"|(?P<named></?[^\W\d_][\w .:-]{0,60}>)"
    r"|(?P<less><(?![\s\d=-]))",
    re.IGNORECASE,
)
# The beginnings of the above that reach the end of what is there.
_PENDING = re.compile(
    rf"!?(?:\[[^\[\]]{{0,{LABEL}}}|{_LABEL}|{_LABEL}\({_INSIDE}(?:\([^()\n]{{0,200}})?"
    rf"|{_LABEL}\[[^\[\]\n]{{0,{LABEL}}})\Z"
    r"|[\[【［]\^?\d{0,4}[\]】］]?\Z"
    rf"|\](?:\({_INSIDE}(?:\([^()\n]{{0,200}})?)?\Z"
    rf"|<[^<>]{{0,{TARGET + 20}}}\Z"
    r"|!\Z"
)
_OPENERS = re.compile(r"[<\[\]【［]")
_PENDING_OPENERS = re.compile(r"[<\[\]【［!]")
_REACH = 2 * (LABEL + TARGET)
_GLUE = "]!<[\\"  # after these, what is taken out leaves a space
_SPACED = ("<br", "<p>", "</p", "<td", "</t", "<tr", "<li", "</l", "<hr", "<di", "</d")


def finder(known: Collection[int]) -> Callable[[str, int], Sequence[Edit]]:
    """Edits of this pass; `known` are the citation numbers that were given out."""

    def find(text: str, start: int) -> Sequence[Edit]:
        if not _OPENERS.search(text, start):
            return ()
        return [e for match in _PARTS.finditer(text, start) for e in _edits(match, known)]

    return find


def open_from(text: str, start: int) -> int:
    """The start of a bracket, tag or target that is not finished, or the end."""
    tail = max(start, len(text) - _REACH)
    first = _PENDING_OPENERS.search(text, tail)
    if first is None:
        return len(text)
    pending = _PENDING.search(text, first.start())
    return pending.start() if pending else len(text)


def _edits(match: re.Match[str], known: Collection[int]) -> list[Edit]:
    start, end = match.span()
    before = match.string[start - 1 : start]
    gap = " " if before and before in _GLUE else ""
    if match["link"]:
        return _unlink(match, gap, known)
    if match["number"]:
        return _number(match, gap, known)
    if match["wide"]:
        return [Edit(start, end, f"{gap}({match['w'] or match['v']})")]
    if match["definition"]:
        return [Edit(start + 1, start + 1, " ")]
    if match["mail"]:
        return [Edit(start, start + 1, gap), Edit(end - 1, end, joined=True)]
    if match["named"]:
        return [Edit(start, start + 1, "‹"), Edit(end - 1, end, "›", joined=True)]
    if match["less"]:
        return [Edit(start, end, "‹")]
    if match["auto"]:
        return [Edit(start, end, gap + "[link] ", hides=True)]
    if match["orphan"] or match[0][:3].lower() in _SPACED:
        gap = " "
    return [Edit(start, end, gap, hides=not match["bang"])]


def _number(match: re.Match[str], gap: str, known: Collection[int]) -> list[Edit]:
    """A citation that the server gave stays as it is; any other number in brackets gets round ones."""
    end = match.end("n") + 1
    number = match["n"]
    ours = number.isascii() and match.string[match.start() : end] == f"[{number}]" and int(number) in known
    if not ours:
        return [Edit(match.start(), end, f"{gap}({number})")]
    return [Edit(end, end, " ")] if match["after"] else []


def _unlink(match: re.Match[str], gap: str, known: Collection[int]) -> list[Edit]:
    """The brackets and the target of a link go; its text is looked at like any other."""
    start, target = match.start() + 1, match.start("target")
    label = _PARTS.finditer(match.string, start, target - 1)
    inside = [edit for found in label for edit in _edits(found, known)]
    return [
        Edit(match.start(), start, gap),
        *(replace(edit, joined=True) for edit in inside),
        Edit(target - 1, target, joined=True),
        Edit(target, match.end(), hides=True, joined=True),
    ]
