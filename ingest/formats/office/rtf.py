"""What an RTF file says of itself: tokens, code pages, fonts, colours and styles (RTF 1.9.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_CHARSETS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
}
_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_HEADING = re.compile(r"heading (\d)|标题 (\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One of: a control word with its number, a control sign, a brace, or raw bytes of text."""

    word: str = ""
    number: int | None = None
    sign: str = ""
    raw: bytes = b""


@dataclass(slots=True)
class Sheet:
    """The tables at the head of a file."""

    codepage: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)  # number to code page
    colours: list[tuple[int, int, int]] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)  # style to heading level; 0 is the title

    def is_white(self, colour: int) -> bool:
        """Whether a colour of the table is white; 0 is the usual ink."""
        return 0 < colour < len(self.colours) and min(self.colours[colour]) >= 0xF8


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens in order; binary data is skipped."""
    place = 0
    while found := TOKEN.match(data, place) or TOKEN.search(data, place):
        place = found.end()
        kind, said = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("word", "number"):
            word, number = found["word"].decode(), found["number"]
            yield Token(word, None if number is None else int(number))
            if word == "bin" and number is not None:
                place += max(0, int(number))
        elif kind == "hex":
            yield Token(raw=bytes.fromhex(said.decode()))
        elif kind in ("sign", "brace"):
            yield Token(sign=said.decode("latin-1") if kind == "brace" else "\\" + said.decode("latin-1"))
        elif kind == "text":
            yield Token(raw=said)


def head(data: bytes) -> Sheet:
    """The tables at the head; what stands in the body is not looked at."""
    reader = _Head()
    for token in tokens(data):
        if token.word == "pard" and reader.group != "stylesheet":
            break
        reader.take(token)
    return reader.sheet


def page(number: int) -> str:
    """The name of a Windows code page that Python knows; Western for the others."""
    name = {936: "gb18030", 10000: "mac_roman", 65001: "utf-8"}.get(number, f"cp{number}")
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


@dataclass(slots=True)
class _Head:
    """Follows the tokens of the head. `group` is the table that is being read."""

    sheet: Sheet = field(default_factory=Sheet)
    _groups: list[str] = field(default_factory=list)
    _font: int = 0
    _style: int = 0
    _name: bytes = b""
    _colour: list[int] = field(default_factory=lambda: [0, 0, 0])

    @property
    def group(self) -> str:
        return self._groups[-1] if self._groups else ""

    def take(self, token: Token) -> None:
        if token.sign == "{":
            self._groups.append(self.group)
        elif token.sign == "}":
            self._named()
            del self._groups[-1:]
        elif token.word in ("fonttbl", "colortbl", "stylesheet") and self._groups:
            self._groups[-1] = token.word
        elif self.group == "fonttbl":
            self._in_fonts(token)
        elif self.group == "colortbl":
            self._in_colours(token)
        elif self.group == "stylesheet":
            self._in_styles(token)
        elif token.word == "ansicpg" and token.number:
            self.sheet.codepage = page(token.number)
        elif token.word in _PAGES:
            self.sheet.codepage = _PAGES[token.word]

    def _in_fonts(self, token: Token) -> None:
        if token.word == "f" and token.number is not None:
            self._font = token.number
        elif token.word == "fcharset" and token.number in _CHARSETS:
            self.sheet.fonts[self._font] = _CHARSETS[token.number]
        elif token.word == "cpg" and token.number:
            self.sheet.fonts[self._font] = page(token.number)

    def _in_colours(self, token: Token) -> None:
        parts = ("red", "green", "blue")
        if token.word in parts:
            self._colour[parts.index(token.word)] = token.number or 0
        elif token.raw:
            red, green, blue = self._colour
            self.sheet.colours += [(red, green, blue)] * token.raw.count(b";")
            self._colour = [0, 0, 0]

    def _in_styles(self, token: Token) -> None:
        if token.word == "s":
            self._style = token.number or 0
        elif token.word in ("cs", "ds", "ts"):
            self._style = -1  # of characters, sections or tables
        self._name += token.raw

    def _named(self) -> None:
        """A style is complete."""
        said = self._name.decode(self.sheet.codepage, "replace").strip(" ;")
        style, self._style, self._name = self._style, 0, b""
        found = _HEADING.fullmatch(said)
        if found and style >= 0:
            self.sheet.levels[style] = int(found[1] or found[2]) or 1
        elif said.lower() in ("title", "标题") and style >= 0:
            self.sheet.levels[style] = 0
