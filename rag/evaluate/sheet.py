"""Questions in a table, CSV or XLSX, as people keep them: rows as mappings of our field names.

`columns` says what they mean.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from rag.charset import decode
from rag.errors import BadInput, ConfigError, UnreadableFile
from rag.evaluate import columns
from rag.evaluate.columns import Numbered

_DELIMITERS = (",", ";", "\t")
_LONGEST_CELL = 1 << 24
_SAMPLE_ROWS = 50


def records(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line and fields of each row that holds anything. `BadInput` names the file and the line."""
    numbered = list(_xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path))
    if not numbered:
        raise BadInput(f"{path} has no rows", hint="one question a row, with its answer beside it")
    names, rows = columns.named(path, numbered)
    for line, cells in rows:
        yield line, columns.fields(names, cells)


def _csv_rows(path: Path) -> Iterator[Numbered]:
    text = _text(path)
    delimiter = _delimiter(text, "\t" if path.suffix.lower() == ".tsv" else ",")
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(
            f"{path}:{line}: not a row of a table: {error}",
            hint='look for a quotation mark " that is not closed, from this line on',
        ) from error


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes())[0]
    except UnreadableFile as error:
        raise BadInput(f"{path}: {error}", hint=error.hint) from error


def _delimiter(text: str, usual: str) -> str:
    """The one that parts the most rows into equally many cells; the usual one where several do."""
    lines = _lines(text)[:_SAMPLE_ROWS]

    def parted(delimiter: str) -> float:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        width, rows = max(widths.items(), key=lambda item: item[1] * (item[0] > 1), default=(1, 0))
        return rows / widths.total() if width > 1 else 0.0

    return max((usual, *_DELIMITERS), key=parted)


def _lines(text: str) -> list[str]:
    """Only CR and LF end a line; `str.splitlines` would cut at others, within cells."""
    return [line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _xlsx_rows(path: Path) -> Iterator[Numbered]:
    """Rows of the first sheet that holds anything."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ConfigError("XLSX needs openpyxl", hint='pip install "kb[eval]", or save it as CSV') from error
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    # Whatever is wrong with the file: openpyxl raises what its XML, its ZIP and its own code raise.
    except Exception as error:
        raise BadInput(f"{path} is no XLSX workbook: {error}", hint="save it as XLSX or CSV again") from error
    for sheet in book.worksheets:
        rows = [(line, [_shown(cell) for cell in row]) for line, row in enumerate(sheet.values, 1)]
        if held := [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]:
            yield from held
            return


def _shown(cell: object) -> str:
    """A cell as a person sees it: 3 for 3.0, nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
