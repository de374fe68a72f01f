"""A question as it was put into words: how it is written, when two are the same, and the short name of one.

An entry of an FAQ is a section whose heading asks; the wordings of one question stand in it, divided by
`BETWEEN`.
"""

import hashlib
import unicodedata

from rag.words import has_cjk

ASKS = ("?", "？")
BETWEEN = " / "
LONGEST_HEADING = 440  # characters of an entry's heading; loaders cut at 500

_END = " \t?？!！.。…"


def asking(said: str) -> str:
    """The words with a question mark at their end, by which an entry is known."""
    return said if said.endswith(ASKS) else said.rstrip("。.!！") + ("？" if has_cjk(said) else "?")


def fold(question: str) -> str:
    """Equal for wordings that differ only in case, width, white space or the mark at the end."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(_END)


def name(*parts: str) -> str:
    """Eight hex digits that stand for these words, the same on every machine."""
    body = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.blake2b(body, digest_size=4).hexdigest()
