"""Bytes to text, for files that say nothing of their encoding."""

import codecs

from rag.errors import UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EASTERN = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "utf-16-le", "utf-16-be")
# The commonest characters of running text: a wrong guess hits hardly any of them.
_COMMON = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么"
    "这個國來說們為時會過學對裡後麼與於從還進發當經動種現開無實點業請應員間題應將號電話務電費"
    "用日月公司产品服务请应务费员问题电话号将與及或等均按内其它元万第每本所由其能使高多成部方工"
    "のにはをたがでてとしれさるいなもすまらりこ가이는을에의다고하지"
)
_SAMPLE = 200_000


def decode(data: bytes) -> tuple[str, str]:
    """Text without a byte order mark, and the name of its encoding.

    Damage within a file that says its encoding becomes U+FFFD. `UnreadableFile` for binary data.
    """
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return _checked(data[len(mark) :].decode(charset, "replace")), charset
    if b"\0" in data:
        return _with_zeros(data)
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError as error:
        # A log that was cut within its last character is still UTF-8.
        if error.start >= len(data) - 3:
            return data[: error.start].decode() + "\ufffd", "utf-8"
    return _eastern(data) or _guessed(data)


def _with_zeros(data: bytes) -> tuple[str, str]:
    """UTF-16 without a mark has zeros on one side only; binary data has them anywhere."""
    head = data[: _SAMPLE & ~1]
    sides = head[0::2].count(0), head[1::2].count(0)
    if max(sides) > 4 * min(sides) + 2 or max(sides) * 50 > len(head):
        charset = "utf-16-le" if sides[1] > sides[0] else "utf-16-be"
        text = data.decode(charset, "replace")
        if _looks_written(text):
            return text, charset
    if head.count(0) * 1000 < len(head):
        return _checked(data.decode("utf-8", "replace")), "utf-8"
    raise UnreadableFile("binary data, not text", hint="give the file the suffix of its format, or remove it")


def _eastern(data: bytes) -> tuple[str, str] | None:
    """The encoding whose reading has most common characters, when there is a clear one."""
    best, charset = 0.0, ""
    for candidate in _EASTERN:
        score = _commonness(data, candidate)
        if score > best:
            best, charset = score, candidate
    return (data.decode(charset, "replace"), charset) if best > 0.08 else None


def _commonness(data: bytes, charset: str) -> float:
    """Share of common characters among those beyond ASCII; 0 when the bytes do not decode."""
    try:
        sample = data[:_SAMPLE].decode(charset)
    except UnicodeDecodeError as error:
        if error.start < min(len(data), _SAMPLE) - 4:
            return 0.0
        sample = data[: error.start].decode(charset)
    wide = [character for character in sample if character > "\x7f"]
    return sum(character in _COMMON for character in wide) / max(len(wide), 1)


def _guessed(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    charset = best.encoding if best else "cp1252"
    text = data.decode(charset, "replace")
    if not _looks_written(text):
        raise UnreadableFile("its encoding is not known", hint="save the file as UTF-8")
    return text, charset


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
