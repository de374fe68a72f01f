"""When a document holds: the date that it gives itself, and which of several editions is meant."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from rag.pack import Passage
from rag.quantities import Quantity, quantities
from rag.types import Language

_HEAD = 600  # characters in which a document says from when it holds
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CUE = re.compile(
    r"\b(?:valid|effective|version|edition|revised|reviewed|updated|checked|published|as of|since|date)\b"
    r"|更新|修订|生效|施行|实行|执行|发布|版|起",
    re.IGNORECASE,
)
_UPDATED: dict[Language, str] = {"en": "updated ", "zh": "更新于 "}


def dated(passage: Passage, language: Language) -> str:
    """The date that stands at the head of the document, else the year of its name, else its file's.

    As precise as it is said: `2026-05-12`, `2026-04` or `2026`.
    """
    hit = passage.hit
    if said := _said(passage.whole[:_HEAD]):
        return said
    if year := _YEAR.search(f"{hit.title} {hit.source}"):
        return year[0]
    if not hit.updated:
        return ""
    return _UPDATED[language] + datetime.fromtimestamp(hit.updated, UTC).date().isoformat()


def current(passages: Sequence[Passage], question: str) -> list[Passage]:
    """Passages without those of editions that another one here replaces.

    Editions are documents of one collection whose names differ in the year alone. The question may
    name the year; otherwise the newest counts.
    """
    asked = set(_YEAR.findall(question))
    years: dict[tuple[str, str], set[str]] = {}
    for passage in passages:
        years.setdefault(_name(passage), set()).add(_year(passage))
    wanted = {name: (asked & held) or {max(held)} for name, held in years.items()}
    return [passage for passage in passages if _year(passage) in wanted[_name(passage)]]


def _name(passage: Passage) -> tuple[str, str]:
    """Collection and source, without years; a source without a year stands for itself alone."""
    return passage.hit.collection, _YEAR.sub("", passage.hit.source)


def _year(passage: Passage) -> str:
    found = _YEAR.findall(passage.hit.source)
    return found[-1] if found else ""


def _said(head: str) -> str:
    for line in head.splitlines():
        if not _CUE.search(line):
            continue
        for quantity in quantities(line):
            if quantity.kind == "date" and quantity.values[0]:
                return _iso(quantity)
    return ""


def _iso(date: Quantity) -> str:
    year, month, day = (int(part) for part in date.values)
    return f"{year}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
