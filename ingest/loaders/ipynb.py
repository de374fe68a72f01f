"""Jupyter notebooks as Markdown: text as written, code in fences, what it printed below it.

Pictures and other rich output are left out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.formats.named import title_of
from ingest.formats.parts import absorb
from ingest.loaders import markdown
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile

SUFFIXES = (".ipynb",)
VERSION = 1
LONGEST_OUTPUT = 2_000  # characters of one output
_NO_NOTEBOOK = "this is no notebook"


def load(data: bytes, name: str) -> Loaded:
    """Sections by the headings of its Markdown cells."""
    text, charset = decode(data)
    notes = Notes(charset=charset)
    try:
        book = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(f"{_NO_NOTEBOOK}: {error}"[:200], hint="save it again in Jupyter") from error
    language = _language(book)
    cells = [made for cell in _cells(book) if (made := _cell(cell, language, notes))]
    loaded = markdown.load_text("\n\n".join(cells) + "\n" if cells else "")
    absorb(notes, loaded.report)
    return replace(loaded, title=loaded.title or title_of(name), report=notes.report())


def _cells(book: object) -> Iterator[Mapping[str, Any]]:
    """Cells of format 4, or of the sheets of format 3."""
    if not isinstance(book, dict) or not isinstance(book.get("cells", book.get("worksheets")), list):
        raise UnreadableFile(_NO_NOTEBOOK, hint="give the file the suffix of its format")
    found = book.get("cells")
    if found is None:
        found = [
            c for sheet in book["worksheets"] if isinstance(sheet, dict) for c in sheet.get("cells") or []
        ]
    yield from (cell for cell in found if isinstance(cell, dict))


def _language(book: object) -> str:
    metadata = book.get("metadata") if isinstance(book, dict) else None
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) and name.isidentifier() else ""


def _cell(cell: Mapping[str, Any], language: str, notes: Notes) -> str:
    source = _joined(cell.get("source", cell.get("input"))).strip("\n")
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        return "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + f" {source}"
    if cell.get("cell_type") != "code":
        return source
    blocks = [_fenced(source, language)] if source.strip() else []
    blocks += [_fenced(said, "") for said in _outputs(cell, notes)]
    return "\n\n".join(blocks)


def _outputs(cell: Mapping[str, Any], notes: Notes) -> Iterator[str]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        plain = data.get("text/plain") if isinstance(data, dict) else None
        said = _joined(output.get("text") or plain).strip("\n")
        if isinstance(data, dict) and any(kind.startswith("image/") for kind in data):
            notes.warn("pictures in the output are left out")
        elif said.strip():
            if len(said) > LONGEST_OUTPUT:
                notes.warn("long output is cut")
            yield said[:LONGEST_OUTPUT]


def _fenced(text: str, language: str) -> str:
    mark = "```"
    while mark in text:
        mark += "`"
    return f"{mark}{language}\n{text}\n{mark}"


def _joined(said: object) -> str:
    """Text of a notebook: a string, or a list of lines."""
    if isinstance(said, list):
        return "".join(part for part in said if isinstance(part, str))
    return said if isinstance(said, str) else ""
