"""Characters that no reader sees: out for whoever reads, decoded for the scanner, noticed where they smuggle.

Joiners between letters of scripts that need them, variation selectors after what has variants and the
three flags that are spelled with tags stay: no text of any language changes visibly. See Unicode
Technical Standards 39 (security) and 51 (emoji), and the character database's `Default_Ignorable`.
"""

import re
import unicodedata
from collections.abc import Iterator

_ZERO_WIDTH = "\u200b-\u200f\u2060-\u2064\ufeff\xad\u034f\u180e"
_VARIANTS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAG = "\U000e0001-\U000e007f"
_ALWAYS = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_EMOJI = (
    "\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934-\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Arabic, Syriac, N'Ko, Indic, Tibetan, Myanmar, Khmer, Mongolian and the presentation forms.
_JOINING = (
    "\u0600-\u07ff\u0840-\u109f\u1780-\u18af\u1a00-\u1aaf\u1b00-\u1bff\ua800-\uaaff\ufb50-\ufdff\ufe70-\ufefc"
)
_JOINS = f"{_JOINING}{_EMOJI}\ufe0f"
_IDEOGRAPH = "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAS_VARIANT = f"{_EMOJI}{_IDEOGRAPH}\\d#*©®\u2200-\u22ff\uff00-\uff60\u1000-\u109f\ua840-\ua87f"
_STRAY_JOINER = f"(?<![{_JOINS}])[\u200c\u200d]|[\u200c\u200d](?=[\u200c\u200d])"
_STRAY_VARIANT = f"(?<![{_HAS_VARIANT}])[{_VARIANTS}]"
# England, Scotland, Wales: the only flags of Unicode's own list that are spelled with tags.
_FLAGS = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(c)) for c in land) for land in ("gbeng", "gbsct", "gbwls"))
)
_UNSEEN = re.compile(
    f"({_FLAGS})|[{_ALWAYS}]|{_STRAY_JOINER}|{_STRAY_VARIANT}|(?<![\u1820-\u18aa])[\u180b-\u180f]"
)
_UNSEARCHED = re.compile(f"[{_ALWAYS}{_VARIANTS}\u180b-\u180f]|{_STRAY_JOINER}")
_TAGS = re.compile("[\U000e0020-\U000e007e]+")
_FLAG = re.compile(_FLAGS)
_IGNORED = re.compile(f"[{_ALWAYS}{_VARIANTS}\u180b-\u180f\u200c\u200d]")
# Runs that no spelling needs: tags, selectors, zero widths, letters kept apart, a direction forced.
_SMUGGLING = re.compile(
    f"[{_TAG}]+|[{_VARIANTS}]{{3,}}|(?:[A-Za-z][{_VARIANTS}]){{3,}}|[{_ZERO_WIDTH}]{{3,}}"
    f"|(?:[A-Za-z][\u200b-\u200d\u2060\xad\ufeff]){{4,}}|[\u202d\u202e]+"
)
_DIRECTION = re.compile("[\u202a-\u202c\u2066-\u2069]+")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
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
    text = _TAGS.sub(lambda m: spelled(m[0]), text)
    text = _IGNORED.sub("", unicodedata.normalize("NFKC", text))
    return text.translate(_LOOK_ALIKES)


def shown(text: str) -> str:
    """What a reader sees, for models and titles: nothing that could carry a message unseen."""
    return text if text.isascii() else _UNSEEN.sub(lambda m: m[1] or "", text)


def searched(text: str) -> str:
    """What is searched: as `shown`, and without variants of a character."""
    return text if text.isascii() else _UNSEARCHED.sub("", text)


def smuggled(text: str) -> Iterator[str]:
    """Stretches with characters that are invisible or force a direction, used as no script needs them."""
    if text.isascii():
        return
    text = _FLAG.sub("", text)
    yield from (match[0] for match in _SMUGGLING.finditer(text))
    if not _RIGHT_TO_LEFT.search(text):
        yield from (match[0] for match in _DIRECTION.finditer(text))


def carries_hidden(text: str) -> bool:
    """True when there is any such stretch."""
    return next(smuggled(text), None) is not None


def spelled(tags: str) -> str:
    """The ASCII text that tag characters spell."""
    return "".join(chr(ord(c) - 0xE0000) for c in tags if "\U000e0020" <= c <= "\U000e007e")
