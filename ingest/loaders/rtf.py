"""Rich Text Format: paragraphs, headings and tables; pictures and embedded objects are skipped.

Footnotes stand at the end; running heads are in the text and not searched.
"""

from dataclasses import dataclass, field, replace

from ingest.formats.office.rtf import Sheet, Token, head, tokens
from ingest.formats.office.rtf_rows import TableRows
from ingest.formats.office.rtf_words import COMMENTS, HEADS, PARTS, READ, SAID, SIGNS, SILENT, State, look
from ingest.formats.office.text import PAGE, OfficeText, reading
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".rtf",)
VERSION = 1

_DEEPEST = 2_000  # groups


@dataclass(slots=True)
class _Reader:
    """Follows the tokens. `said` is the present paragraph of each part."""

    sheet: Sheet
    text: OfficeText
    state: State = field(default_factory=State)
    said: dict[str, list[str]] = field(default_factory=dict)
    asides: dict[str, None] = field(default_factory=dict)
    noted: list[str] = field(default_factory=list)
    rows: TableRows = field(default_factory=TableRows)
    _groups: list[State] = field(default_factory=list)
    _raw: bytearray = field(default_factory=bytearray)
    _skip: int = 0  # characters that stand for an escape just read
    _level: int | None = None
    _is_shaded: bool = False

    def read(self, data: bytes) -> None:
        for token in tokens(data):
            if token.raw:
                self._bytes(token.raw)
                continue
            if self._skip and (token.word or token.sign not in "{}"):
                self._skip -= 1  # an escape may stand for the character
                if token.word != "u":
                    continue
            self._flush()
            if token.sign:
                self._sign(token.sign)
            else:
                self._word(token)
        self._flush()
        self._paragraph()

    def _bytes(self, raw: bytes) -> None:
        skipped = min(self._skip, len(raw))
        self._skip -= skipped
        if self.state.part != "-":
            self._raw += raw[skipped:]

    def _flush(self) -> None:
        if self._raw:
            codepage = self.state.codepage or self.sheet.codepage
            self._say(self._raw.decode(codepage, "replace"))
            self._raw.clear()

    def _say(self, text: str) -> None:
        state = self.state
        if state.part == "-":
            return
        is_white = self.sheet.is_white(state.colour) and not (state.ground or self._is_shaded)
        reason = state.reason or ("white" if is_white and not self.rows.is_open else "")
        if state.part == "comment" or reason:
            self.text.notes.hide(reason or "comment", text)
        else:
            self.said.setdefault(state.part, []).append(text)

    def _take(self, part: str) -> str:
        """What was said of a part; it is then gone. Halves of a character come together."""
        said = "".join(self.said.pop(part, ()))
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _sign(self, sign: str) -> None:
        if sign == "{":
            if len(self._groups) > _DEEPEST:
                raise UnreadableFile("its groups are nested too deeply", hint="save it anew")
            self._groups.append(self.state)
            self.state = replace(self.state, starred=False)
        elif sign == "}":
            self._close()
        elif sign == "\\*":
            self.state = replace(self.state, starred=True)
        elif SIGNS.get(sign) == PAGE:
            self._paragraph()
        elif sign in SIGNS:
            self._say(SIGNS[sign])

    def _close(self) -> None:
        part = self.state.part
        self._skip = 0
        self.state = self._groups.pop() if self._groups else State()
        if part == self.state.part or part not in PARTS:
            return
        line = " ".join(self._take(part).split())
        if part in HEADS and any(letter.isalpha() for letter in line):
            self.asides[line] = None
        elif part == "footnote" and line:
            self.noted.append(line)
        elif part == "title":
            self.text.title = line
        elif part in ("listtext", "pntext"):
            self.said["mark"] = [line]

    def _word(self, token: Token) -> None:
        word, number = token.word, token.number
        if word in SILENT or word in PARTS or word in COMMENTS or self.state.starred:
            self._enter(word)
        elif word == "u":
            self._say(chr((number or 0) % 0x10000))
            self._skip = self.state.uc
        elif word in ("par", "sect", "page"):
            self._break(word)
        elif word in SAID and word != "cell":
            self._say(SAID[word])
        elif (changed := look(self.state, word, number)) is not None:
            self.state = changed
        elif word == "f":
            self.state = replace(self.state, codepage=self.sheet.fonts.get(number or 0, ""))
        else:
            self._shape(word, number)

    def _enter(self, word: str) -> None:
        """A group whose text goes elsewhere, or nowhere."""
        if word in PARTS and self.state.part != "-":
            part = word
        elif word == "info" or (word in READ and self.state.starred):
            part = self.state.part
        else:
            part = "comment" if word in COMMENTS and self.state.part != "-" else "-"
        self.state = replace(self.state, part=part, starred=False)

    def _shape(self, word: str, number: int | None) -> None:
        """Words about paragraphs and tables."""
        if word == "pard":
            self._level, self._is_shaded = None, False
            self.rows.is_open = False
        elif word == "s":
            self._level = self.sheet.levels.get(number or 0)
        elif word == "outlinelevel" and number is not None and 0 <= number < 9:
            self._level = number + 1
        elif word in ("cbpat", "shading", "cfpat"):
            self._is_shaded = bool(number)
        elif word == "cell" and not self.state.part:
            self.rows.cell(self._take(""))
            self.said.pop("mark", None)
        elif word == "row":
            self.rows.end()
        else:
            self.rows.define(word)

    def _break(self, word: str) -> None:
        if self.state.part:
            self._say("\n")
        elif word == "page":
            self._paragraph()
            self.text.page()
        elif self.rows.is_open:
            self._say("\n")
        else:
            self._paragraph()

    def _paragraph(self) -> None:
        """The present paragraph of the body is complete, and so is a table before it."""
        said, mark = self._take(""), self._take("mark")
        if said.strip() and (table := self.rows.take()):
            self.text.table(table)
        if self._level == 0 and said.strip() and not self.text.title:
            self.text.title = " ".join(said.split())
        if self._level:
            self.text.heading(f"{mark} {said}", self._level)
        elif mark:
            self.text.item(said, mark if any(letter.isalnum() for letter in mark) else "-")
        else:
            self.text.paragraph(said)


def load(data: bytes, name: str) -> Loaded:
    """Paragraphs divided by blank lines, list items and table rows by lines."""
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise UnreadableFile("not an RTF file", hint="open it in its own program and save it anew")
    with reading("RTF"):
        text = OfficeText(Notes(reader="kb"))
        reader = _Reader(head(data), text)
        text.page()
        reader.read(data)
        text.table(reader.rows.take())
        if len(text.pages) < 2:
            text.pages.clear()
        text.unheaded()
        for number, note in enumerate(reader.noted, 1):
            text.paragraph(f"[{number}] {note}")
        for line in reader.asides:
            text.aside(line)
        return text.loaded()
