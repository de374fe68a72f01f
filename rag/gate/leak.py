"""Recognises the guarded prompt in an answer: plain, spaced out, reversed, rot13, base64 or hex.

Texts are compared without anything but letters and digits. Eight words in a row are a leak, as is
the canary. Paraphrases and translations are not recognised.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rag.words import CJK

WORDS = 8  # in a row, that make a leak; two Chinese characters count as one word
_PROBE, _STEP = 12, 4  # a shared run of at least _PROBE + _STEP - 1 characters is always noticed
_TAIL = 240  # characters of the answer that are looked at again with the next piece
_WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){24,}")


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """A text without anything but letters and digits; `half_words` counts up to each character."""

    text: str
    half_words: tuple[int, ...]
    probes: dict[str, int]


class Guarded:
    """A text that must not leave, and a canary that stands in it."""

    def __init__(self, text: str, canary: str = "") -> None:
        self._prompt = _squeezed(text)
        self._canary = squeeze(canary)

    def watch(self) -> "Watch":
        """A watch over one answer."""
        return Watch(self)

    def in_text(self, squeezed: str) -> bool:
        """True when a squeezed text holds the canary or eight words in a row, forward or encoded."""
        forms = (squeezed, squeezed[::-1], codecs.encode(squeezed, "rot13"))
        return any(self._plain(form) for form in forms)

    def _plain(self, text: str) -> bool:
        if self._canary and self._canary in text:
            return True
        probes = self._prompt.probes
        return any(
            (at := probes.get(text[i : i + _PROBE])) is not None and self._long(text, i, at)
            for i in range(0, len(text) - _PROBE + 1, _STEP)
        )

    def _long(self, text: str, i: int, at: int) -> bool:
        """True when the stretch that both share around these places has eight words."""
        prompt = self._prompt.text
        start, end = at, at + _PROBE
        while start > 0 and i > 0 and prompt[start - 1] == text[i - 1]:
            start, i = start - 1, i - 1
        j = i + end - start
        while end < len(prompt) and j < len(text) and prompt[end] == text[j]:
            end, j = end + 1, j + 1
        counted = self._prompt.half_words
        return counted[end] - counted[start] >= 2 * WORDS


class Watch:
    """Looks at an answer as it comes."""

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded
        self._tail = ""
        self._raw = ""

    def sees(self, text: str) -> bool:
        """True when what came so far, this piece included, gives the prompt away."""
        if not text:
            return False
        squeezed = self._tail + squeeze(text)
        self._tail = squeezed[-_TAIL:]
        raw = self._raw + text
        self._raw = raw[-4 * _TAIL :]
        return self._guarded.in_text(squeezed) or any(
            self._guarded.in_text(squeeze(decoded)) for decoded in _decoded(raw)
        )


def squeeze(text: str) -> str:
    """Letters and digits only, small, full-width forms folded."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, text.lower()))


def _decoded(text: str) -> list[str]:
    found = []
    for match in _BASE64.finditer(text):
        body = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        for skip in range(4):  # a stretch cut off its beginning still decodes at one of four places
            part = body[skip : skip + (len(body) - skip) // 4 * 4]
            found.append(base64.b64decode(part).decode("utf-8", "ignore"))
    for match in _HEX.finditer(text):
        digits = re.sub(r"[\s:]", "", match[0])
        try:
            found.append(binascii.unhexlify(digits[: len(digits) // 2 * 2]).decode("utf-8", "ignore"))
        except binascii.Error:
            continue
    return found


@lru_cache(maxsize=8)  # a process has a few prompts
def _squeezed(text: str) -> _Squeezed:
    parts: list[str] = []
    counted = [0]
    total = 0
    for match in _WORD.finditer(text):
        word = squeeze(match[0])
        weight = 1 if re.match(f"[{CJK}]", word) else 2
        parts.append(word)
        counted += [total] * (len(word) - 1)
        total += weight
        if word:
            counted.append(total)
    whole = "".join(parts)
    probes = {whole[i : i + _PROBE]: i for i in range(len(whole) - _PROBE + 1)}
    return _Squeezed(whole, tuple(counted), probes)
