"""What of a chunk's text is searched and embedded. The canonical text itself is never changed."""

import re
import unicodedata
from html import unescape

from ingest.notes import Notes
from rag.guards.normalise import searched, shown, smuggled, spelled

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(
    r"""!?\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]  # its text, which may hold one pair of brackets
        (?:\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)|\[[^\[\]\n]{0,80}\])""",
    re.VERBOSE,
)
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*\S+[^\n]*$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# They begin with a newline, and so are found many times faster than with `^`; the first line gets one.
_LINE_MARK = re.compile(r"\n[ \t]*(?:(?:#{1,6}|[-*+]|>+)(?=[ \t\n])|```[^\n]*|~~~[^\n]*)")
_RULE = re.compile(r"\n[ \t:|=_*-]*(?:---|===|___|\*\*\*)[ \t:|=_*-]*(?=\n|$)")
_LONGEST_SPELLED = 80  # characters of a smuggled text that a warning quotes


def searchable(text: str) -> str:
    """The words a reader sees, on one line: NFKC, no markup, link targets, comments, invisible characters."""
    bare = _bare(text)
    if not bare.isascii():
        bare = unicodedata.normalize("NFKC", searched(bare))
    return " ".join(bare.split())


def plain(line: str) -> str:
    """A heading as a reader sees it: its own characters, without markup."""
    return seen(_bare(line).replace("*", ""))


def seen(line: str) -> str:
    """A line without invisible characters and superfluous blanks."""
    return " ".join(shown(line).split())


def inspect(text: str, notes: Notes) -> None:
    """Note characters that no reader sees and no script needs; what tags spell is quoted in a warning."""
    for stretch in smuggled(text):
        notes.hide("invisible characters", stretch)
        if said := " ".join(spelled(stretch).split()):
            notes.warn(f"invisible tag characters spell: {said[:_LONGEST_SPELLED]}")
        else:
            notes.warn("runs of invisible characters, or a direction that is forced; they are not searched")


def _bare(text: str) -> str:
    """Text without markup."""
    if "<" in text:
        text = _TAG.sub(" ", _COMMENT.sub(" ", text))
    if "](" in text or "][" in text:
        text = _LINK.sub(r"\1", _LINK.sub(r"\1", text))  # twice: a link may hold an image
    if "]:" in text:
        text = _DEFINITION.sub(" ", text)
    text = _LINE_MARK.sub("\n", "\n" + text)
    if "---" in text or "===" in text or "___" in text or "***" in text:
        text = _RULE.sub("\n", text)
    text = text.replace("**", "").replace("`", "").replace("|", " ")
    return unescape(text) if "&" in text else text
