"""Titles of files that have none of their own."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.types import Section, Span

_BETWEEN = re.compile(r"[_\s-]+")


def title_of(name: str) -> str:
    """The words of a file's name: `price_list-2026.csv` is `price list 2026`."""
    return _BETWEEN.sub(" ", PurePath(name).stem).strip()


def whole(text: str, *, title: str = "", headings: Sequence[Heading] = ()) -> Loaded:
    """All of a text, in sections where it has headings."""
    found = sections(text, headings) if headings else (Section(Span(0, len(text))),)
    return replace(Loaded(text), title=title, sections=found)
