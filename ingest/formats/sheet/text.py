"""Sheets as text: records, entries of questions and answers, rows or lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.formats.entries import entries
from ingest.formats.office.text import OfficeText
from ingest.formats.records import is_header, one_line, records
from ingest.formats.sheet.sheet import Block, Grid, blocks
from ingest.outline import Heading

_UNNAMED = re.compile(r"(?:sheet|table|tabelle|feuil|hoja|工作表|表格?)\s*\d*", re.IGNORECASE)

_FIGURE = re.compile(r"[-+]?\d[\d.,]*%?")

Rows = Sequence[Sequence[str]]


def add_sheet(name: str, grid: Grid, text: OfficeText, *, is_alone: bool) -> None:
    """A page, headed by the name of the sheet, unless that is the program's and there is no other."""
    text.page()
    if is_alone and _UNNAMED.fullmatch(name.strip()):
        text.unheaded()
    elif grid.rows:
        text.heading(name, 1)
    grid.fill()
    header: tuple[int, Sequence[str]] | None = None
    for block in blocks(grid):
        header = _add(block, header, text)


def _add(
    block: Block, above: tuple[int, Sequence[str]] | None, text: OfficeText
) -> tuple[int, Sequence[str]] | None:
    """Write a block. Returns its header with the column where it begins, or the one it goes on under."""
    rows = list(_captions(block, text))
    if not rows:
        return above
    header, depth = _header(block, len(block.rows) - len(rows))
    if header and len(rows) > depth:
        _table(header, rows[depth:], text)
        return block.left, header
    if above and above[0] == block.left and len(above[1]) >= block.width > 1:
        _table(above[1], rows, text)
        return above
    text.table(" | ".join(map(one_line, row)).rstrip(" |") for row in rows)
    return None


def _captions(block: Block, text: OfficeText) -> Iterator[Sequence[str]]:
    """Lines above a table are said; its rows remain."""
    started = False
    for number, row in enumerate(block.rows):
        said = [cell for cell in row if cell]
        started = started or len(said) > 1
        if started:
            yield row
        elif number:
            text.add(said[0].strip(), "\n")
        else:
            text.paragraph(said[0])


def _header(block: Block, first: int) -> tuple[list[str], int]:
    """The names of the columns and the number of rows that hold them; none when there is no header."""
    top = list(block.rows[first])
    if all(row[0].endswith((":", "：")) for row in block.rows[first:]):
        return [], 0  # a form: names stand beside what they name
    spans = {column: width for row, column, width in block.wide if row == first and width > 1}
    if spans and first + 1 < len(block.rows):
        for column, width in spans.items():
            top[column : column + width] = [top[column]] * width
        below = block.rows[first + 1]
        names = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(top, below, strict=True)]
        return (names, 2) if is_header([names]) else ([], 0)
    return (top, 1) if is_header([top]) else ([], 0)


def _table(header: Sequence[str], rows: Rows, text: OfficeText) -> None:
    text.notes.tables += 1
    if _is_figures(rows):
        text.add("\n".join("\t".join(map(one_line, row)) for row in [header, *rows]), "\n\n")
        return
    made = entries(header, rows)
    if made is None:
        text.add("\n".join([*_lines(header, rows), *_unused(header, rows)]), "\n\n")
        return
    told, headings = made[0].rstrip(), made[1]
    if text.add(told, "\n\n"):
        start = text.length - len(told)
        text.headings.extend(Heading(start + h.start, h.level + 1, h.text) for h in headings)


def _is_figures(rows: Rows) -> bool:
    """Figures alone: such a table reads best as a grid, and its rows say nothing without each other."""
    return all(_FIGURE.fullmatch(cell.strip()) for row in rows for cell in row if cell)


def _unused(header: Sequence[str], rows: Rows) -> Iterator[str]:
    """The names of columns that hold nothing yet: they are text too."""
    used = {i for row in rows for i, cell in enumerate(row) if cell}
    if names := "; ".join(one_line(name) for i, name in enumerate(header) if name and i not in used):
        yield names


def _lines(header: Sequence[str], rows: Rows) -> Iterator[str]:
    """Records; a lone first cell of a wide table names the rows that follow, or is a remark."""
    for is_lone, found in groupby(rows, lambda row: len(header) > 2 and bool(row[0]) and not any(row[1:])):
        group = list(found)
        yield from (one_line(row[0]) for row in group) if is_lone else records(header, group)
