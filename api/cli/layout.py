"""Text for a terminal: cleaned, measured in columns, wrapped. Chinese characters take two columns."""

import re
import shutil
from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

# Escape sequences as a whole first, so that their letters do not stay behind; then single controls
# (but newline and tab), and the characters that turn the direction of a line.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"\s+|[^\s\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]+|.", re.DOTALL)
_NOT_FIRST = "，。、；：？！）》」』】”’,.;:?!)]}%％"
_LONGEST_LINE = 100


def clean(text: str) -> str:
    """Without escape sequences and control characters; line ends become newlines."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", _SEQUENCE.sub("", text))


def one_line(text: str) -> str:
    """White space of any kind as single spaces."""
    return " ".join(clean(text).split())


def columns(text: str) -> int:
    """How wide the text is on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def fit(text: str, width: int) -> str:
    """The text in exactly `width` columns: cut with an ellipsis, or filled with spaces."""
    text = one_line(text)
    if columns(text) > width:
        while text and columns(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - columns(text))


def width() -> int:
    """Columns to fill: those of the terminal, at most 100; 80 when there is none."""
    return min(shutil.get_terminal_size((80, 24)).columns, _LONGEST_LINE)


def wrap(text: str, indent: str = "") -> str:
    """The text in lines of the terminal's width, broken between words or Chinese characters."""
    room = max(20, width() - columns(indent))
    return "\n".join(indent + line for line in _lines(one_line(text), room))


def table(rows: Sequence[Sequence[str]], most: Sequence[int]) -> Iterator[str]:
    """Lines with aligned columns, each as wide as its longest cell but at most `most`."""
    longest = [max((columns(one_line(row[i])) for row in rows), default=0) for i in range(len(most))]
    widths = [min(limit, size) for limit, size in zip(most, longest, strict=True)]
    for row in rows:
        yield "  ".join(fit(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()


def _lines(text: str, room: int) -> Iterator[str]:
    line, used = "", 0
    for word in _pieces(text, room):
        size = columns(word)
        if line and used + size > room and word not in _NOT_FIRST:
            yield line.rstrip()
            line, used = "", 0
        if line or not word.isspace():
            line, used = line + word, used + size
    if line.strip():
        yield line.rstrip()


def _pieces(text: str, room: int) -> Iterator[str]:
    """Where a line may break; a word longer than a line breaks anywhere."""
    for word in _WORD.findall(text):
        if columns(word) <= room:
            yield word
        else:
            yield from word


def _columns_of(character: str) -> int:
    if combining(character) or character in "\u200b\u200c\u200d\ufe0f":
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
