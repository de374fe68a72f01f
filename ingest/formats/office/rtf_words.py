"""Control words of RTF: what they say, which groups they open, and how they change the look of text."""

from dataclasses import dataclass, replace

from ingest.formats.office.text import PAGE

_TINY = 3  # half points
SAID = {
    "tab": " ",
    "line": "\n",
    "lbr": "\n",
    "cell": "",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "nestcell": " ",
    "nestrow": " ",
    "softline": "",
}
SIGNS = {"\\~": "\u00a0", "\\_": "-", "\\\\": "\\", "\\{": "{", "\\}": "}", "\\\n": PAGE, "\\\r": PAGE}
HEADS = frozenset("header headerl headerr headerf footer footerl footerr footerf".split())
PARTS = HEADS | {"footnote", "listtext", "pntext", "title"}
# Groups that say nothing to a reader, though they are not marked as such.
SILENT = frozenset(
    "fonttbl colortbl stylesheet info pict objdata objclass fldinst sp shprslt nonshppict nonesttables "
    "filetbl listtable listoverridetable revtbl rsidtbl generator themedata colorschememapping datastore "
    "latentstyles xe tc rxe txe private1 pn do fname keywords template operator author subject doccomm "
    "bkmkstart bkmkend".split()
)
# Marked as such, and yet read.
READ = frozenset({"shpinst", "ud", "nesttableprops"})
COMMENTS = frozenset({"annotation", "atnid", "atnauthor", "atntime", "atndate"})


@dataclass(frozen=True, slots=True)
class State:
    """What holds within a group."""

    part: str = ""  # "" is the body; "-" is skipped
    starred: bool = False
    codepage: str = ""
    uc: int = 1
    vanish: bool = False
    deleted: bool = False
    colour: int = 0
    ground: bool = False
    size: int = 24

    @property
    def reason(self) -> str:
        """Why nobody sees the text, or ''."""
        if self.vanish or self.deleted:
            return "vanish" if self.vanish else "deleted"
        return "tiny" if self.size <= _TINY else ""


def look(state: State, word: str, number: int | None) -> State | None:
    """The state after a word about characters; None for other words."""
    if word == "plain":
        return replace(state, vanish=False, deleted=False, colour=0, ground=False, size=24)
    if word == "v":
        return replace(state, vanish=number != 0)
    if word == "deleted":
        return replace(state, deleted=number != 0)
    if word == "cf":
        return replace(state, colour=number or 0)
    if word in ("highlight", "cb", "chcbpat", "chshdng"):
        return replace(state, ground=bool(number))
    if word == "fs":
        return replace(state, size=24 if number is None else number)
    return replace(state, uc=max(0, number or 0)) if word == "uc" else None
