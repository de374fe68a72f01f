"""First pass: no control characters, terminal codes, invisible or direction-changing characters.

Character references are decoded here, so that later passes see what a reader's browser would see.
"""

import html
import re
from collections.abc import Sequence

from rag.gate.streams import Edit

REFERENCE = 512  # the longest chain of character references that is followed
_TERMINAL = 128  # the longest terminal code

# Tab and line feed stay. Default-ignorable characters, direction marks, tags, variation selectors
# but for the two that emoji use, lone surrogates and non-characters go.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff&]"
)
_TERMINAL_CODE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90])[^\x07\x1b\x9c\n]{0,100}(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]{0,8}[0-~]"
)
_TERMINAL_TAIL = re.compile(f"(?:\x1b|[\x90\x9b\x9d])[^\n]{{0,{_TERMINAL}}}$")
_CHARACTER_REFERENCE = re.compile(
    r"&(?:amp;|#0{0,6}38;|#[xX]0{0,6}26;){0,30}"
    r"(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,8};?|[A-Za-z][A-Za-z0-9]{1,31};|(?:lt|gt|quot|amp)(?![A-Za-z0-9=]))"
)
_REFERENCE_TAIL = re.compile(rf"&[A-Za-z0-9#;]{{0,{REFERENCE}}}$")
_CHAIN = re.compile(r"^&(?:(?:amp|#0{0,6}38|#[xX]0{0,6}26);)+")
# Scripts and signs in which the joiners change what is seen.
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0e80-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc"
    "\u2190-\u21ff\u231a-\u23ff\u25a0-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]"
)
_EMOJI_BASE = re.compile("[0-9#*\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_KEPT_SPACE = {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": " ", "\x0c": "\n"}


def find(text: str, start: int) -> Sequence[Edit]:
    """Edits from `start` on."""
    edits: list[Edit] = []
    done = start
    for match in _ODD.finditer(text, start):
        at = match.start()
        if at < done:
            continue
        edit = _reference(text, at) if text[at] == "&" else _odd(text, at)
        if edit is not None:
            edits.append(edit)
            done = edit.end
    return edits


def open_from(text: str, start: int) -> int:
    """The start of an unfinished terminal code or reference, or of a joiner at the very end."""
    tail = max(start, len(text) - REFERENCE)
    opens = [len(text)]
    if "&" in text[tail:] and (found := _REFERENCE_TAIL.search(text, tail)):
        opens.append(found.start())
    if "\x1b" in text[tail:] or not text.isascii():
        if found := _TERMINAL_TAIL.search(text, tail):
            opens.append(found.start())
        if text[-1:] in ("\u200c", "\u200d"):
            opens.append(len(text) - 1)
    if text.endswith("\r"):
        opens.append(len(text) - 1)
    return max(start, min(opens))


def _reference(text: str, at: int) -> Edit | None:
    match = _CHARACTER_REFERENCE.match(text, at)
    if match is None:
        return None
    seen = _CHAIN.sub("&", match[0])
    new = html.unescape(seen)
    if new == match[0]:
        return None
    return Edit(at, match.end(), "".join(_plain(character) for character in new))


def _plain(character: str) -> str:
    if character in "\u200c\u200d" or (_ODD.match(character) and character != "&"):
        return _KEPT_SPACE.get(character, "\n" if character == "\r" else "")
    return character


def _odd(text: str, at: int) -> Edit | None:
    character = text[at]
    if character in "\x1b\x90\x9b\x9d" and (code := _TERMINAL_CODE.match(text, at)):
        return Edit(at, code.end(), "", hides=True)
    if character == "\r":
        return Edit(at, at + 1, "" if text[at + 1 : at + 2] == "\n" else "\n")
    if character in "\u200c\u200d" and _JOINED.match(text[at - 1 : at]) and _JOINED.match(text, at + 1):
        return None
    if character in "\ufe0e\ufe0f" and _EMOJI_BASE.match(text[at - 1 : at]):
        return None
    return Edit(at, at + 1, _KEPT_SPACE.get(character, ""), hides=character not in _KEPT_SPACE)
