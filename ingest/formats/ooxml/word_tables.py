"""Tables of Word as rows of text."""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.formats.ooxml.package import FALLBACK, WORD
from ingest.formats.ooxml.word_runs import BOX, CELL, PARAGRAPH, TABLE, written
from ingest.formats.ooxml.word_styles import value
from ingest.notes import Notes

ROW = f"{WORD}tr"
_MERGED = f"{WORD}tcPr/{WORD}vMerge"
_WIDEST = 1_000  # columns


def rows(table: Any, told: Callable[[Any], str], notes: Notes) -> Iterator[str]:
    """Each row that holds anything on one line; `told` reads a paragraph.

    A cell merged downwards is repeated on each row, one merged sideways is told once.
    """
    above: dict[int, str] = {}
    for row in table.iter(ROW):
        if _nearest(row, TABLE) is not table:
            continue
        if row.find(f"{WORD}trPr/{WORD}del") is not None:
            notes.hide("deleted", written(row))
        elif any(line := _cells(row, told, above)):
            yield " | ".join(line)


def own_cells(table: Any) -> list[Any]:
    """The cells of a table, without those of tables within it."""
    return [cell for cell in table.iter(CELL) if _nearest(cell, TABLE) is table]


def _cells(row: Any, told: Callable[[Any], str], above: dict[int, str]) -> list[str]:
    """The texts of a row; `above` holds, by column, cells that reach downwards."""
    found: list[str] = []
    column = _whole(value(row, "trPr", "gridBefore"))
    for cell in (cell for cell in row.iter(CELL) if _nearest(cell, ROW) is row):
        merged = cell.find(_MERGED)
        text = _cell(cell, told)
        if merged is None:
            above.pop(column, None)
        elif merged.get(f"{WORD}val") == "restart" or text:
            above[column] = text
        else:
            text = above.get(column, "")
        found.append(text)
        column += max(1, _whole(value(cell, "tcPr", "gridSpan")))
    return found


def _cell(cell: Any, told: Callable[[Any], str]) -> str:
    """A cell on one line; tables and text boxes within it are told in it."""
    paragraphs = (p for p in cell.iter(PARAGRAPH) if not _is_copy(p, cell))
    return " ".join(" ".join(map(told, paragraphs)).split())


def _is_copy(paragraph: Any, cell: Any) -> bool:
    """Below what stands there for old programs."""
    above = paragraph.getparent()
    while above is not None and above is not cell:
        if above.tag == FALLBACK:
            return True
        above = above.getparent()
    return False


def _nearest(element: Any, tag: str) -> Any:
    above = element.getparent()
    while above is not None and above.tag not in (tag, BOX):
        above = above.getparent()
    return above


def _whole(number: str) -> int:
    return min(int(number), _WIDEST) if number[:6].isdecimal() and len(number) < 6 else 0
