"""The wall for quotes and passages: what must not be shown becomes blocks, place by place.

The text keeps its length, so offsets into the stored text stay true and a citation can still be
checked. Link texts stay; only targets, images, tags, addresses, private numbers and secrets go.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.gate import characters, markup, values
from rag.gate.streams import Edit, Map
from rag.remembered import remembered
from rag.types import Hit, Span

BLOCK = "█"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SHORT = 2000  # characters; titles, headings and quotes come again and again


class _AnyNumber:
    """Citation numbers of a stored text are its own: shown as they stand."""

    def __contains__(self, number: object) -> bool:
        return True

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


_MARKUP = markup.finder(_AnyNumber())


def mask(text: str) -> tuple[str, tuple[Span, ...]]:
    """The text with blocks in place of what must not be shown, and where they stand."""
    return _remembered(text) if len(text) <= _SHORT else _masked(text)


def _masked(text: str) -> tuple[str, tuple[Span, ...]]:
    spans = _spans(text)
    if not spans:
        return text, ()
    shown = text
    for span in spans:
        hidden = "".join("\n" if c == "\n" else BLOCK for c in text[span.start : span.end])
        shown = shown[: span.start] + hidden + shown[span.end :]
    return shown, tuple(spans)


_remembered = remembered(2048)(_masked)


def mask_hit(hit: Hit) -> Hit:
    """A passage as it may be shown."""
    text, title, heading = (mask(part)[0] for part in (hit.text, hit.title, hit.heading))
    return replace(hit, text=text, title=title, heading=heading, source=source_shown(hit.source))


def source_shown(source: str) -> str:
    """A source's name without control and direction-changing characters; else it stays as it is."""
    return _CONTROL.sub("", source)


def _spans(text: str) -> list[Span]:
    """Where an edit of any pass takes something away, in offsets of `text`, merged."""
    maps: list[Map] = []
    # Values are looked for twice: in the text as it stands, and in what a reader's page makes of it.
    found = [(edit.start, edit.end) for edit in values.find(text, 0)]
    for find in (characters.find, _MARKUP, values.find):
        if find is values.find and not maps:
            break
        edits = find(text, 0)
        if not edits:
            continue
        found.extend(_origin(edit, maps) for edit in edits if edit.hides)
        text = _edited(text, edits)
        maps.append(Map(edits))
    return _merged(found)


def _edited(text: str, edits: Sequence[Edit]) -> str:
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.start], edit.new)
        done = edit.end
    return "".join([*parts, text[done:]])


def _origin(edit: Edit, maps: list[Map]) -> tuple[int, int]:
    start, end = edit.start, edit.end
    for one in reversed(maps):
        start, end = one.back(start), one.back(end, end=True)
    return start, end


def _merged(found: list[tuple[int, int]]) -> list[Span]:
    spans: list[Span] = []
    for start, end in sorted(found):
        if spans and start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(end, spans[-1].end))
        elif start < end:
            spans.append(Span(start, end))
    return spans
