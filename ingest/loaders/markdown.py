"""Markdown. The canonical text is the decoded file, unchanged; sections follow the headings.

Front matter is no section: it gives title and summary. What a reader of the page never sees is none
either: comments, elements that are not displayed, and the program in MDX. It is counted in the
report. Paragraphs that ask and answer (`Q: ...`, `A: ...`) are entries, as headings that ask are.
"""

import re
from bisect import bisect_right

from ingest.clean import plain
from ingest.formats.asked import asked
from ingest.formats.html.in_markdown import jsx, unseen
from ingest.notes import Notes
from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.charset import decode
from rag.types import Span

SUFFIXES = (".md", ".markdown", ".mdx")
VERSION = 2
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
    return load_text(text, charset, is_mdx=name.lower().endswith(".mdx"))


def load_text(text: str, charset: str = "", *, is_mdx: bool = False) -> Loaded:
    """As `load`, of a text that is decoded already."""
    notes = Notes(charset=charset)
    front = _FRONT.match(text)
    fields = _fields(front[2]) if front else {}
    begin = front.end() if front else 0
    marks = _Marks(text, begin)
    first = next((heading.text for heading in marks.headings if heading.level == 1), "")
    return Loaded(
        text,
        title=fields.get("title") or first,
        sections=sections(
            text,
            _with_entries(text, marks, begin),
            begin=begin,
            left_out=_left_out(text, marks, notes, is_mdx),
        ),
        summary=fields.get("summary") or fields.get("description") or "",
        report=notes.report(),
    )


def _left_out(text: str, marks: "_Marks", notes: Notes, is_mdx: bool) -> list[Span]:
    """What no reader sees, in order, without overlap; it is noted."""
    for span in marks.comments:
        notes.hide("comment", text[span.start + 4 : span.end - 3])
    found = [*marks.comments, *(jsx(text) if is_mdx else ())]
    for span, reason in unseen(text):
        if marks.is_text(span.start):
            said = text[span.start : span.end]
            notes.hide(reason, said if reason == "comment" else plain(said))
            found.append(span)
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: span.start):
        if marks.is_text(span.start) and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return kept


def _with_entries(text: str, marks: "_Marks", begin: int) -> list[Heading]:
    """The headings, and between them those of questions in the text, one level below."""
    entries = [entry for entry in asked(text, begin) if marks.is_text(entry.start)]
    made = sorted([*marks.headings, *entries], key=lambda heading: heading.start)
    own = {heading.start for heading in marks.headings}
    level = 0
    for at, heading in enumerate(made):
        if heading.start in own:
            level = heading.level
        else:
            made[at] = Heading(heading.start, level + 1, heading.text)
    return made


def _fields(front: str) -> dict[str, str]:
    return {match[1].lower(): match[2].strip() for match in _FIELD.finditer(front)}


class _Marks:
    """Headings, comments that a reader does not see (both outside code), and where code is."""

    def __init__(self, text: str, begin: int) -> None:
        self.headings: list[Heading] = []
        self.comments: list[Span] = []
        self._code: list[Span] = []
        place, last_end = begin, text.rfind("-->")
        while match := _MARK.search(text, place):
            place = match.end()
            if match["fence"]:
                place = _end_of_fence(text, match)
                self._code.append(Span(match.start(), place))
            elif match["comment"]:
                if place <= last_end:
                    place = text.find("-->", place) + 3
                    self.comments += _unseen(text, match.start(), place)
            elif heading := _heading(text, match):
                self.headings.append(heading)

    def is_text(self, place: int) -> bool:
        """Whether the place is outside code."""
        before = bisect_right(self._code, place, key=lambda span: span.start)
        return not before or place >= self._code[before - 1].end


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
