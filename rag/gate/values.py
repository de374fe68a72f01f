"""Third pass: no addresses that could be fetched, no bank or identity numbers, no secrets.

Numbers are masked when their checksum is right. E-mail addresses and telephone numbers stay: they
are what business questions ask for.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.gate.numbers import GAPS, hidden_numbers, is_iban
from rag.gate.streams import Edit

TOKEN = 2048  # the longest address that is looked at as one
KEY_BLOCK = 4000  # the longest private key
_LONGEST = 4000  # no pattern without white space is longer

_RUN = r"[!#-&(-;=?-Z^_a-z~\\．／：]"
_SCHEME = re.compile(
    rf"(?:(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{{0,20}})?\\?[:：]\\?[/／]\\?[/／]{_RUN}{{0,{TOKEN}}}"
    rf"|(?<![A-Za-z0-9])(?:javascript|vbscript|data|file|blob)\\?[:：]{_RUN}{{1,{TOKEN}}}",
    re.IGNORECASE,
)
_WWW = re.compile(rf"www\d?[.．]{_RUN}{{1,{TOKEN}}}", re.IGNORECASE)
# A domain with something after it that a server would receive; a bare `name.tld` is a name.
_DOMAIN = re.compile(
    r"(?<![A-Za-z0-9-])(?=((?://)?(?:[A-Za-z0-9-]{1,63}[.．]){0,8}(?<=[\w-][.．])[A-Za-z]{2,24}"
    rf"(?:[:：]\d{{2,5}})?[/／?？#]\\?(?=[\w%~@.?=&#/+-]){_RUN}{{1,{TOKEN}}}))"
)
_NOT_TOP = frozenset(
    "js json txt pdf html htm docx doc xlsx xls pptx yaml yml toml csv tsv xml css ts tsx jsx cfg conf ini "
    "log exe dll jpg jpeg png gif svg cpp hpp java class sql env lock bak tmp eml".split()
)
_TRAILING = ".,;:!?*_~"

_SECRET = re.compile(
    r"(?<![A-Za-z])sk-[A-Za-z0-9_-]{16,200}|sk-[A-Za-z0-9]{20,200}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,255}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}|AIza[A-Za-z0-9_-]{30,60}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}"
    r"|hf_[A-Za-z0-9]{30,60}|npm_[A-Za-z0-9]{30,60}"
    r"|eyJ[A-Za-z0-9_-]{8,1500}\.[A-Za-z0-9_-]{8,1500}(?:\.[A-Za-z0-9_-]{0,800})?"
)
_BARE_STARTS = ("AKIA", "ASIA", "AIza", "eyJ")
_DASHED_STARTS = re.compile(r"sk-|gh[pousr]_|github_pat|glpat|xox|k_live|k_test|hf_|npm_")  # a - or _ follows
_KEY_BEGINS = r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_KEY_BLOCK = re.compile(
    rf"{_KEY_BEGINS}[A-Za-z0-9+/=\s:,-]{{0,{KEY_BLOCK}}}?(?:-----END [A-Z0-9 ]{{0,40}}-----|\Z)"
    rf"|{_KEY_BEGINS}(?:\s{{0,4}}[A-Za-z0-9+/=]{{16,200}}){{0,80}}"
)
_KEYWORD = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|private|auth)[ _-]?(?:key|token)|token"
    r"|密码|口令|密钥|令牌)"
)
_PASSWORD = re.compile(
    rf"{_KEYWORD}[\"'`*_]{{0,3}}\s{{0,3}}(?:[:=：]|is\b|是|为)\s{{0,3}}[\"'`*_]{{0,3}}(?=(?P<value>[!-~]{{6,128}}))",
    re.IGNORECASE,
)
_KEYWORD_HINTS = ("pass", "pwd", "secret", "token", "key")  # one of them is in every keyword
_WIDE_HINTS = ("密", "口令", "令牌")
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=([A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,42}))")
_IBAN_LIKE = re.compile(r"\d(?<=[A-Za-z]{2}\d)\d[ -]?[A-Za-z0-9]")
_SCHEME_HINTS = (":/", "：/", ":／", "：／", ":\\", "：\\", "script", "data", "file", "blob")
_DOMAIN_LIKE = re.compile(r"[.．][A-Za-z]{2,24}(?:[:：]\d{2,5})?[/／?？#]")
_DIGITS = re.compile(rf"\d(?:[{GAPS}]{{0,2}}\d){{12}}")

# What may go on with the next piece: the beginnings of the above that reach the end.
_TOKENS = re.compile(rf"{_RUN[:-1]}ſıİ\u212a]{{1,{_LONGEST}}}")  # `re.IGNORECASE` takes these for s, i, k
_NUMBER_TAIL = re.compile(rf"\d[\d{GAPS}]{{0,90}}\Z")
_IBAN_TAIL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){0,42}[ -]?\Z")
_KEYWORD_TAIL = re.compile(
    r"(?:(?:api|access|private|auth)[ _-]?[a-z]{0,5}|[密口令])\Z"
    rf"|{_KEYWORD}[\"'`*_]{{0,3}}\s{{0,3}}(?:(?:[:=：]|i?s?|是|为)\s{{0,3}}[\"'`*_]{{0,3}}[!-~]{{0,128}})?\Z",
    re.IGNORECASE,
)
_TAIL_HINTS = ("pass", "pwd", "secret", "token", "api", "access", "private", "auth")
_WIDE_TAIL_HINTS = ("密", "口", "令")
_DIGIT = re.compile(r"\d")
_NUMBER_ENDS = re.compile(rf"[A-Za-z\d{GAPS}]")
_SHORT = 200
_KEY_TAIL = re.compile(
    rf"-----BEGIN[A-Z0-9 ]{{0,50}}-{{0,5}}(?:(?<=-----)[A-Za-z0-9+/=\s:,-]{{0,{KEY_BLOCK + 80}}})?\Z"
)


Found = Iterator[tuple[int, Edit]]  # where what was recognised begins, and what is done about it


@dataclass(frozen=True, slots=True)
class _Rule:
    """`trigger` is cheap and true whenever `find` could find something.

    It is given the text, and the text in small letters.
    """

    trigger: Callable[[str, str], bool]
    find: Callable[[str, int], Found]


def find(text: str, start: int) -> Sequence[Edit]:
    """Edits from `start` on: the earliest first, then what is found after its end, and so on."""
    small = _small(text)
    rules = [rule for rule in _RULES if rule.trigger(text, small)]
    if not rules:
        return ()
    found = [rule.find(text, start) for rule in rules]
    heads = [next(each, None) for each in found]
    edits: list[Edit] = []
    while waiting := [(head[1].start, -head[1].end, i) for i, head in enumerate(heads) if head]:
        _, end, first = min(waiting)
        edits.append(_apart(text, heads[first][1]))  # type: ignore[index]  # it is waiting
        for i, head in enumerate(heads):
            if head and head[0] < -end:
                if i != first:  # what another rule found there is looked for again, behind this edit
                    found[i] = rules[i].find(text, -end)
                heads[i] = next((each for each in found[i] if each[0] >= -end), None)
    return edits


def open_from(text: str, start: int) -> int:
    """The start of what may become an address, number or secret with the next piece, or the end."""
    first = min(_last_token(text, start), _short_tail(text, max(start, len(text) - _SHORT)))
    if "-----BEGIN" in text[start:] and (found := _KEY_TAIL.search(text, start)):
        first = min(first, found.start())
    return first


def _last_token(text: str, start: int) -> int:
    """Where the last stretch without white space or the like begins, if it reaches the end."""
    if not _TOKENS.match(text, len(text) - 1):
        return len(text)
    low = max(start, len(text) - _LONGEST)
    low = max(low, text.rfind(" ", low) + 1, text.rfind("\n", low) + 1)
    begins = len(text)
    for token in _TOKENS.finditer(text, low):
        if token.end() == len(text):
            begins = token.start()
    return begins


def _short_tail(text: str, low: int) -> int:
    """Where the beginning of a number, or of a password after its keyword, begins."""
    opens = [len(text)]
    if _NUMBER_ENDS.match(text, len(text) - 1) and _DIGIT.search(text, low):
        opens += [found.start() for tail in (_NUMBER_TAIL, _IBAN_TAIL) if (found := tail.search(text, low))]
    small = _small(text[low:])
    if (_has(small, _TAIL_HINTS) or (not small.isascii() and _has(small, _WIDE_TAIL_HINTS))) and (
        found := _KEYWORD_TAIL.search(text, low)
    ):
        opens.append(found.start())
    return min(opens)


def _apart(text: str, edit: Edit) -> Edit:
    """A placeholder must not become a link with the bracket that follows it."""
    follows = text[edit.end : edit.end + 1]
    return Edit(edit.start, edit.end, edit.new + " ", hides=True) if follows and follows in "([:" else edit


def _addresses(pattern: re.Pattern[str]) -> Callable[[str, int], Found]:
    def found(text: str, start: int) -> Found:
        for match in pattern.finditer(text, start):
            whole = match[pattern.groups]
            address = whole.rstrip(_TRAILING)
            if address.endswith(")") and address.count("(") < address.count(")"):
                address = address[:-1]
            if pattern is not _DOMAIN or not _is_file(address):
                at = match.start()
                yield at, Edit(at, at + len(address), "[link]", hides=True)

    return found


def _is_file(address: str) -> bool:
    host = re.split(r"[/／?？#:：]", address.lstrip("/"), maxsplit=1)[0]
    return re.split(r"[.．]", host)[-1].lower() in _NOT_TOP


def _secrets(text: str, start: int) -> Found:
    for match in _SECRET.finditer(text, start):
        yield match.start(), Edit(match.start(), match.end(), "[secret]", hides=True)


def _key_blocks(text: str, start: int) -> Found:
    for match in _KEY_BLOCK.finditer(text, start):
        yield match.start(), Edit(match.start(), match.end(), "[private key]", hides=True)


def _passwords(text: str, start: int) -> Found:
    for match in _PASSWORD.finditer(text, start):
        value = match["value"].rstrip(".,;:!?\"'`*_)")
        if _looks_secret(value):
            at = match.start("value")
            yield match.start(), Edit(at, at + len(value), "[secret]", hides=True)


def _looks_secret(value: str) -> bool:
    """Letters with digits, or with signs inside: not a plain word, number, time, amount or address."""
    if len(value) < 6 or value.startswith(("[", "(", "<", "{", "$", "%")) or ("@" in value and "." in value):
        return False
    has_letter = any(c.isalpha() for c in value)
    has_digit = any(c.isdigit() for c in value)
    return has_letter and (has_digit or any(c in "!#$%^&*+=?~" for c in value))


def _ibans(text: str, start: int) -> Found:
    for match in _IBAN.finditer(text, start):
        if length := is_iban(match[1]):
            at = match.start()
            yield at, Edit(at, at + length, "[bank account]", hides=True)


def _numbers(text: str, start: int) -> Found:
    for first, end, name in hidden_numbers(text, start):
        yield first, Edit(first, end, f"[{name}]", hides=True)


def _small(text: str) -> str:
    """Small letters, with all that `re.IGNORECASE` takes for an ASCII letter as that letter."""
    if not text.isascii():
        text = text.replace("ſ", "s").replace("ı", "i").replace("İ", "i")
    return text.lower()


def _has(text: str, hints: tuple[str, ...]) -> bool:
    for hint in hints:  # noqa: SIM110  # twice as fast as `any`, and this runs for every piece
        if hint in text:
            return True
    return False


def _may_have_scheme(text: str, small: str) -> bool:
    return (":" in text or "：" in text) and _has(small, _SCHEME_HINTS)


def _may_have_secret(text: str, small: str) -> bool:
    if ("-" in text or "_" in text) and _DASHED_STARTS.search(text):
        return True
    return _has(text, _BARE_STARTS)


def _may_have_password(text: str, small: str) -> bool:
    return _has(small, _KEYWORD_HINTS) or (not small.isascii() and _has(small, _WIDE_HINTS))


_RULES = (
    _Rule(lambda text, _: "-----BEGIN" in text, _key_blocks),
    _Rule(_may_have_scheme, _addresses(_SCHEME)),
    _Rule(lambda _, small: "www" in small, _addresses(_WWW)),
    _Rule(lambda text, _: _DOMAIN_LIKE.search(text) is not None, _addresses(_DOMAIN)),
    _Rule(_may_have_secret, _secrets),
    _Rule(_may_have_password, _passwords),
    _Rule(lambda text, _: _DIGITS.search(text) is not None, _numbers),
    _Rule(lambda text, _: _IBAN_LIKE.search(text) is not None, _ibans),
)
