"""A question as it was put into words: when two are the same, and the short name of one."""

import hashlib
import unicodedata

_END = " \t?？!！.。…"


def fold(question: str) -> str:
    """Equal for wordings that differ only in case, width, white space or the mark at the end."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split()).rstrip(_END)


def name(*parts: str) -> str:
    """Eight hex digits that stand for these words, the same on every machine."""
    body = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.blake2b(body, digest_size=4).hexdigest()
