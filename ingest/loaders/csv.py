"""Tables of comma-separated values. Each row becomes a line that says its headers, so it can be quoted alone.

A table of questions and answers becomes one section an entry, headed by its question. A table
without headers keeps its text as it is.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.outline import Heading, sections
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile
from rag.types import Section, Span

SUFFIXES = (".csv", ".tsv")
VERSION = 1
LONGEST_CELL = 1 << 24

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 50
_QUESTIONS = frozenset({"question", "questions", "q", "faq", "问题", "问", "提问", "常见问题", "問題"})
_ANSWERS = frozenset({"answer", "answers", "a", "reply", "response", "答案", "回答", "答", "答复", "解答"})

Row = list[str]


def load(data: bytes, name: str) -> Loaded:
    """Rows as lines `Header: value; Header: value`, or entries of questions and answers."""
    text, charset = decode(data)
    delimiter = _delimiter(text, "\t" if name.lower().endswith(".tsv") else ",")
    rows = list(_rows(text, delimiter))
    report = {"charset": charset, "delimiter": delimiter, "rows": max(0, len(rows) - 1)}
    if not rows or not _is_header(rows):
        return Loaded(text, sections=(Section(Span(0, len(text))),), report=report)
    header = [_line(cell) for cell in rows[0]]
    columns = _entry_columns(header)
    if columns:
        return _entries(header, rows[1:], columns, report)
    lines = [_line(cell) for cell in [_said(header, row) for row in rows[1:]]]
    # The header alone is still text: a table that has no rows yet.
    made = "\n".join(lines) or "; ".join(header)
    return Loaded(made, sections=(Section(Span(0, len(made))),), report=report)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """Rows that hold anything."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
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


def _is_header(rows: Sequence[Row]) -> bool:
    """Names, not values: none empty but the last, none twice, none a number."""
    first = [cell.strip() for cell in rows[0]]
    while first and not first[-1]:
        first.pop()
    return (
        len(first) > 1
        and all(cell and any(letter.isalpha() for letter in cell) for cell in first)
        and len(set(first)) == len(first)
        and max(map(len, first)) <= 100
    )


def _said(header: Sequence[str], row: Row) -> str:
    """A row in words; a cell beyond the headers stands alone."""
    names = [*header, *[""] * (len(row) - len(header))]
    pairs = ((name, _line(cell)) for name, cell in zip(names, row, strict=False))
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _line(cell: str) -> str:
    return " ".join(cell.split())


def _entry_columns(header: Sequence[str]) -> tuple[int, int] | None:
    names = [name.lower() for name in header]
    question = next((i for i, name in enumerate(names) if name in _QUESTIONS), None)
    answer = next((i for i, name in enumerate(names) if name in _ANSWERS), None)
    return None if question is None or answer is None else (question, answer)


def _entries(
    header: Sequence[str], rows: Sequence[Row], columns: tuple[int, int], report: dict[str, object]
) -> Loaded:
    parts: list[str] = []
    headings: list[Heading] = []
    place = 0
    for row in rows:
        question, answer = (row[column].strip() if column < len(row) else "" for column in columns)
        others = [cell if i not in columns else "" for i, cell in enumerate(row)]
        part = "\n".join(line for line in (_line(question), answer, _said(header, others)) if line) + "\n\n"
        if question:
            headings.append(Heading(place, 1, _line(question)))
        parts.append(part)
        place += len(part)
    text = "".join(parts)
    return Loaded(text, sections=sections(text, headings), report=report)
