"""Text as a scanner should see it: invisible characters out, look-alikes folded, tags decoded."""

import re
import unicodedata

_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# A run of these hides a message; a single one belongs to an emoji or to Persian or Indic spelling.
_CARRIER = re.compile(
    "[\U000e0001-\U000e007f]|[\U000e0100-\U000e01ef]|[\ufe00-\ufe0f]{3}|[\u200b-\u200f\u2060-\u2064\ufeff\xad]{3}"
    "|[\u202a-\u202e\u2066-\u2069]|(?:[A-Za-z][\u200b-\u200d\u2060\xad\ufeff]){4}"
)
# Cyrillic and Greek letters that look like Latin ones: for matching only, never for showing.
_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁһкмтвнАВЕІЈЅКМНОРСТХΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανι",
    "aeopcyxijsdhkmtbhABEIJSKMHOPCTXABEZHIKMNOPTYXoavi",
)


def matchable(text: str) -> str:
    """The text for matching: NFKC, tag characters decoded, invisible ones dropped, look-alikes Latin."""
    if text.isascii():
        return text
    text = _TAGS.sub(lambda m: "".join(chr(ord(c) - 0xE0000) for c in m[0]), text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return text.translate(_LOOK_ALIKES)


def carries_hidden(text: str) -> bool:
    """True when invisible or direction-changing characters are used in a way no script needs."""
    return not text.isascii() and _CARRIER.search(text) is not None
