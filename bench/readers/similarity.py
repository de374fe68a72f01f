"""How alike two texts are: the same words, and the same words in the same order."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.words import CJK

_PICTURE = "\u2600-\u27bf\U0001f000-\U0001faff"
_WORD = re.compile(rf"[{CJK}{_PICTURE}]|[^\W_{CJK}]+")
ORDERED = 3_000  # words of the beginning that are compared in order: the time grows with the square


@dataclass(frozen=True, slots=True)
class Likeness:
    """`words`: F1 of the two bags of words. `order`: share of words in the same order (difflib's ratio).

    `missing` and `more` are words of the other text, and of ours, that the other side has fewer of.
    """

    words: float
    order: float
    missing: int
    more: int


def units(text: str) -> list[str]:
    """Small words; characters of scripts without spaces; emoji. A hyphen at a line's end joins."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    plain = re.sub(r"(?<=[^\W\d_])[-\u2010]\s*\n\s*(?=[a-z])", "", plain)
    return _WORD.findall(plain.casefold())


def likeness(ours: Sequence[str], other: Sequence[str]) -> Likeness:
    """Of two texts' units; two empty texts are alike."""
    if not ours and not other:
        return Likeness(1.0, 1.0, 0, 0)
    mine, theirs = Counter(ours), Counter(other)
    common = (mine & theirs).total()
    order = SequenceMatcher(None, ours[:ORDERED], other[:ORDERED], autojunk=False).ratio()
    missing, more = (theirs - mine).total(), (mine - theirs).total()
    return Likeness(2 * common / (len(ours) + len(other)), order, missing, more)
