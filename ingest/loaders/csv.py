"""Tables of comma-separated values. Each row becomes a line that says its headers, so it can be quoted alone.

A table of questions and answers becomes one section an entry, headed by its question. A table
without headers keeps its text as it is. The title is the file's name: a row is none.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

from ingest.formats.entries import entries
from ingest.formats.named import title_of, whole
from ingest.formats.records import is_header, one_line, records
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile

SUFFIXES = (".csv", ".tsv")
VERSION = 2
LONGEST_CELL = 1 << 24

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 50

Row = list[str]


def load(data: bytes, name: str) -> Loaded:
    """Rows as lines `Header: value; Header: value`, or entries of questions and answers."""
    text, charset = decode(data)
    delimiter = _delimiter(text, "\t" if name.lower().endswith(".tsv") else ",")
    rows = list(_rows(text, delimiter))
    notes = Notes(charset=charset, tables=1)
    report = {"delimiter": delimiter, "rows": max(0, len(rows) - 1)}
    made = _loaded(text, rows, title_of(name), notes)
    return replace(made, report=notes.report() | report)


def _loaded(text: str, rows: list[Row], title: str, notes: Notes) -> Loaded:
    if not is_header(rows):
        return whole(text, title=title)
    header = [one_line(cell) for cell in rows[0]]
    if sum(len(row) != len(header) for row in rows[1:]):
        notes.warn("some rows have more or fewer cells than the header")
    if found := entries(header, rows[1:]):
        return whole(found[0], title=title, headings=found[1])
    # The header alone is still text: a table that has no rows yet.
    return whole("\n".join(records(header, rows[1:])) or "; ".join(header), title=title)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """Rows that hold anything."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        raise UnreadableFile(f"not a table: {error}", hint="export it again as CSV in UTF-8") from error


def _delimiter(text: str, usual: str) -> str:
    """The delimiter that divides the most rows into equally many cells."""
    sample = "".join(text[:100_000].splitlines(keepends=True)[:_SAMPLE_ROWS])
    best, found = 0.0, usual
    for delimiter in (usual, *(other for other in _DELIMITERS if other != usual)):
        widths = Counter(len(row) for row in _rows(sample, delimiter))
        width, rows = max(widths.items(), key=lambda item: item[1] * (item[0] > 1), default=(1, 0))
        score = rows / max(widths.total(), 1) if width > 1 else 0.0
        if score > best + 0.1:
            best, found = score, delimiter
    return found
