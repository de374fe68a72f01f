"""Bytes to text: by their mark, by what the file says of itself, else by how the text would read."""

import codecs
import re

from rag.errors import UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Each with the wider set that its users write in fact; the narrower name is said where it suffices.
# The range is of first bytes: there stand the characters that its standard counts as frequent.
_EASTERN = (
    ("gb18030", b"\xb0-\xd7"),
    ("big5", b"\xa4-\xc6"),
    ("cp950", b"\xa4-\xc6"),
    ("big5hkscs", b"\xa4-\xc6"),
    ("shift_jis", b"\x82-\x83\x88-\x97"),
    ("cp932", b"\x82-\x83\x88-\x97"),
    ("euc_jp", b"\xa4-\xa5\xb0-\xcf"),
    ("euc_kr", b"\xb0-\xc8"),
    ("cp949", b"\xb0-\xc8"),
    ("utf-16-le", b""),
    ("utf-16-be", b""),
)
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "windows-874": "cp874",
}
# Names of encodings of text; Python knows others, which are none (`unicode_escape`, `idna`).
_MULTI_BYTE = frozenset({"gb18030", "big5hkscs", "cp932", "cp949", "euc-jp", "euc_jp"})
_KNOWN = re.compile(
    r"(?:utf[-_]?(?:8|16|32)|gb|hz|big5|shift|s?jis|cp\d|windows|iso|koi8|euc|mac|latin|tis|johab|ks_c)"
    r"[\w.:-]{0,30}",
    re.IGNORECASE,
)
_ESCAPES = re.compile(rb"\x1b[$(][@BJI]")  # ISO-2022-JP: ASCII bytes that are Japanese
_SAMPLE = 200_000
_EASTERN_AT_LEAST = 0.08  # of the characters beyond ASCII are common ones
_EASTERN_WEIGHT = 2.5  # two in five characters of running text are from the list
_FREQUENT_WEIGHT = 0.25
_UTF16_AT_LEAST = 0.05


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Text without a byte order mark, and the name of its encoding.

    `declared` is what the file or its carrier says; it counts where the bytes agree. Damage within
    a file that says its encoding becomes U+FFFD. `UnreadableFile` for binary data.
    """
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return _checked(data[len(mark) :].decode(charset, "replace")), charset
    if (said := _as_said(data, declared)) is not None:
        return said
    if b"\0" in data:
        return _with_zeros(data)
    if _ESCAPES.search(data) and (said := _as_said(data, "iso-2022-jp")) is not None:
        return said
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError as error:
        # A log that was cut within its last character is still UTF-8.
        if error.reason == "unexpected end of data":
            return data[: error.start].decode() + "\ufffd", "utf-8"
    return _guessed(data)


def _as_said(data: bytes, declared: str) -> tuple[str, str] | None:
    """The text in the declared encoding, if it can be that; bytes that are UTF-8 are hardly anything else."""
    name = declared.strip(" \"'").lower()
    if not _KNOWN.fullmatch(name) and name not in _WIDER:
        return None
    charset = _WIDER.get(name.replace("_", "-"), _WIDER.get(name, name))
    if not charset.startswith(("utf", "iso-2022", "iso2022", "hz")) and _is_utf8(data):
        return None
    try:
        text = data.decode(charset, "replace")
    except (LookupError, UnicodeError):
        return None
    damaged = text.count("\ufffd")
    if (damaged and damaged * 200 > len(text)) or not _looks_written(text):
        return None
    if charset in _MULTI_BYTE and _reads_better(data, charset):
        return None
    return text.removeprefix("\ufeff"), charset


def _reads_better(data: bytes, declared: str) -> bool:
    """Whether what is declared makes rare characters of it, and another encoding common ones."""
    return _commonness(data, declared) < _EASTERN_AT_LEAST and _eastern(data)[1] > 2 * _FREQUENT_WEIGHT


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_zeros(data: bytes) -> tuple[str, str]:
    """UTF-16 and UTF-32 without a mark hold zeros and read as text; binary data only holds zeros."""
    head = data[: _SAMPLE & ~3]
    for charset in ("utf-32-le", "utf-32-be"):
        if len(head) >= 8 and _reads(head, charset) >= _UTF16_AT_LEAST:
            return _checked(data.decode(charset, "replace")), charset
    score, charset = max((_reads(head, name), name) for name in ("utf-16-le", "utf-16-be"))
    if score >= _UTF16_AT_LEAST:
        text = data.decode(charset, "replace")
        if _looks_written(text):
            return text, charset
    if head.count(0) * 1000 < len(head):
        return _checked(data.decode("utf-8", "replace")), "utf-8"
    raise UnreadableFile("binary data, not text", hint="give the file the suffix of its format, or remove it")


def _reads(head: bytes, charset: str) -> float:
    """The share of characters that running text is full of."""
    from rag.alphabets import COMMON

    text = head.decode(charset, "replace")
    if text.count("\ufffd") * 50 > len(text):
        return 0.0
    return sum(" " <= c < "\x7f" or c in "\r\n\t" or c in COMMON for c in text) / max(len(text), 1)


def _guessed(data: bytes) -> tuple[str, str]:
    """The encoding in which the text reads best, of the eastern ones and of the code pages."""
    from rag.alphabets import single_byte

    eastern, score = _eastern(data)
    page, likeness = single_byte(data[:_SAMPLE])
    is_eastern = score > _EASTERN_AT_LEAST and score * _EASTERN_WEIGHT >= likeness
    charset = eastern if is_eastern else page
    text = data.decode(charset, "replace")
    if not _looks_written(text):
        raise UnreadableFile("its encoding is not known", hint="save the file as UTF-8")
    return text, charset


def _eastern(data: bytes) -> tuple[str, float]:
    best, charset = 0.0, ""
    for candidate, frequent in _EASTERN:
        score = _commonness(data, candidate)
        if frequent and score:
            score += _FREQUENT_WEIGHT * _frequency(data[:_SAMPLE], frequent)
        if score > best:
            best, charset = score, candidate
    return charset, best


def _frequency(sample: bytes, frequent: bytes) -> float:
    """The share of pairs of bytes that begin in the range."""
    pairs = re.findall(rb"[\x81-\xfe].", sample, re.DOTALL)
    within = re.compile(b"[" + frequent + b"]", re.DOTALL)
    return sum(within.match(pair) is not None for pair in pairs) / max(len(pairs), 1)


def _commonness(data: bytes, charset: str) -> float:
    """Share of common characters among those beyond ASCII; 0 when the bytes do not decode."""
    from rag.alphabets import COMMON

    try:
        sample = data[:_SAMPLE].decode(charset)
    except UnicodeDecodeError as error:
        if error.start < min(len(data), _SAMPLE) - 4:
            return 0.0
        sample = data[: error.start].decode(charset)
    wide = [character for character in sample if character > "\x7f"]
    return sum(character in COMMON for character in wide) / max(len(wide), 1)


def _checked(text: str) -> str:
    if not _looks_written(text):
        raise UnreadableFile("its characters are damaged", hint="save the file as UTF-8 again")
    return text


def _looks_written(text: str) -> bool:
    """True when at most one character in twenty is a control or replacement character."""
    sample = text[:_SAMPLE]
    bad = sum(
        (not character.isprintable() and not character.isspace()) or character == "\ufffd"
        for character in sample
    )
    return bad * 20 <= len(sample)
