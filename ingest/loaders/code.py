"""Source code and configuration. The canonical text is the file unchanged; definitions are sections."""

import re
from dataclasses import replace
from pathlib import PurePath

from ingest.formats.named import whole
from ingest.notes import Notes
from ingest.outline import Heading
from ingest.types import Loaded
from rag.charset import decode

# Not `.env`: it holds secrets.
SUFFIXES = tuple(
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .vue .svelte .java .kt .kts .scala .groovy .gradle .go .rs .c .h "
    ".cc .cpp .cxx .hh .hpp .cs .fs .vb .swift .m .mm .dart .php .rb .pl .pm .lua .r .jl .hs .ex .exs .erl "
    ".clj .sh .bash .zsh .fish .ps1 .psm1 .bat .cmd .sql .proto .graphql .tf .toml .ini .cfg .conf "
    ".properties .css .scss .less .diff .patch .cmake .mk .dockerfile".split()
)
VERSION = 1
_LONGEST = 120  # characters of a name
_DEFINITION = re.compile(
    r"""^(?P<indent>[ ]{0,4}|\t?)
        (?:(?:export|default|public|private|protected|internal|static|final|abstract|sealed|open|override|
              async|unsafe|extern|inline|virtual|partial|data|pub(?:\([a-z]{1,10}\))?|declare|local|
              suspend|case)[ \t]+){0,6}
        (?:(?:class|interface|struct|enum|trait|record|object|protocol|module|namespace|package|impl|
              union|extension|def|func|function|fn|fun|sub|defp|defmodule|type|message|service|rpc|
              macro|procedure)[ \t]+
            (?:\([^()\n]{0,80}\)[ \t]*)?(?P<name>[A-Za-z_$@~][\w$.:@-]{0,100})
          |CREATE[ \t]+(?:OR[ \t]+REPLACE[ \t]+)?(?:TEMP(?:ORARY)?[ \t]+)?
            (?:TABLE|VIEW|FUNCTION|PROCEDURE|TRIGGER|INDEX|TYPE)[ \t]+(?:IF[ \t]+NOT[ \t]+EXISTS[ \t]+)?
            (?P<made>[\w."`\[\]]{1,100})
          |(?:const|let|var)[ \t]+(?P<assigned>[A-Za-z_$][\w$]{0,100})[ \t]*=[ \t]*
            (?:async[ \t]*)?(?:function\b|\([^()\n]{0,200}\)[ \t]*=>)
          |(?P<called>[A-Za-z_][\w-]{0,100})[ \t]*\(\)[ \t]*\{)""",
    re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
_TABLE = re.compile(
    r"^[ \t]{0,4}\[{1,2}[ \t]*(?P<name>[^\[\]\n]{1,120}?)[ \t]*\]{1,2}[ \t]*(?:[#;][^\n]*)?\r?$", re.MULTILINE
)
_TABLES = frozenset({".toml", ".ini", ".cfg", ".conf", ".properties"})


def load(data: bytes, name: str) -> Loaded:
    """One section a definition, headed by its name; the file's name is the title."""
    text, charset = decode(data)
    pattern = _TABLE if PurePath(name).suffix.lower() in _TABLES else _DEFINITION
    headings = [_heading(match) for match in pattern.finditer(text)]
    return replace(whole(text, title=name, headings=headings), report=Notes(charset=charset).report())


def _heading(match: re.Match[str]) -> Heading:
    found = match.groupdict()
    name = next(said for key in ("name", "made", "assigned", "called") if (said := found.get(key)))
    return Heading(match.start(), 2 if found.get("indent") else 1, name[:_LONGEST].strip('"`[]:'))
