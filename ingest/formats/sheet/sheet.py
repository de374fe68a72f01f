"""Cells of a spreadsheet and the tables that they form."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.formats.records import is_header
from rag.errors import UnreadableFile

MOST_CHARACTERS = 20_000_000  # of all sheets
MOST_CELLS = 2_000_000
_MOST_SIDES = 50  # tables side by side
_CUTS = 4  # a table beside two tables beside two tables

Row = list[str]


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, both ends within."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Allowance:
    """What a workbook may hold; `UnreadableFile` when it is spent."""

    cells: int = MOST_CELLS
    characters: int = MOST_CHARACTERS

    def spend(self, text: str) -> None:
        self.cells -= 1
        self.characters -= len(text)
        if self.cells < 0 or self.characters < 0:
            raise UnreadableFile(
                f"more than {MOST_CELLS:,} cells or {MOST_CHARACTERS:,} characters",
                state="too large",
                hint="divide the workbook",
            )


@dataclass(slots=True)
class Grid:
    """The visible cells of a sheet, by row and column from 0; blank ones are not there."""

    allowance: Allowance = field(default_factory=Allowance)
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)

    def put(self, row: int, column: int, text: str) -> None:
        """A cell as it is shown."""
        if text.strip():
            self.allowance.spend(text)
            self.rows.setdefault(row, {})[column] = text

    def take(self, row: int, column: int) -> str:
        """A cell, which is then no longer there."""
        return self.rows.get(row, {}).pop(column, "")

    def told(self) -> str:
        """All of it, for counting."""
        return "".join(cell for row in self.rows.values() for cell in row.values())

    def fill(self) -> None:
        """Repeat what is merged downwards on each row that it covers and that holds something else."""
        rows = sorted(row for row, cells in self.rows.items() if cells)
        for area in self.merged:
            text = self.rows.get(area.top, {}).get(area.left, "")
            first, end = bisect_right(rows, area.top), bisect_right(rows, area.bottom)
            for row in rows[first:end] if text else ():
                self.allowance.spend(text)
                self.rows[row].setdefault(area.left, text)


@dataclass(frozen=True, slots=True)
class Block:
    """Cells with nothing around them: rows of equal length. `merged` holds (row, column, columns)."""

    left: int
    rows: tuple[tuple[str, ...], ...]
    wide: frozenset[tuple[int, int, int]] = frozenset()

    @property
    def width(self) -> int:
        return len(self.rows[0])


def blocks(grid: Grid) -> Iterator[Block]:
    """The blocks of a sheet from top to bottom, those side by side from left to right.

    Blank rows divide; blank columns divide where both sides are tables with a header of their own.
    """
    wide = {
        (row, area.left): area.right
        for area in grid.merged
        if area.right > area.left
        for row in range(area.top, min(area.bottom, area.top + 8) + 1)
    }
    for group in _bands(sorted(row for row, cells in grid.rows.items() if cells)):
        yield from _cut([(row, grid.rows[row]) for row in group], wide, _CUTS)


_Cells = list[tuple[int, dict[int, str]]]


def _cut(cells: _Cells, wide: dict[tuple[int, int], int], cuts: int) -> Iterator[Block]:
    columns = sorted({column for _, row in cells for column in row})
    bands = _bands(columns) if cuts else []
    sides = _sides(cells, bands) if 1 < len(bands) <= _MOST_SIDES else []
    if sides and all(_is_table(side) for side in sides):
        for side in sides:
            held = dict(side)
            for group in _bands(list(held)):
                yield from _cut([(row, held[row]) for row in group], wide, cuts - 1)
    elif cells:
        yield _block(cells, columns, wide)


def _block(cells: _Cells, columns: Sequence[int], wide: dict[tuple[int, int], int]) -> Block:
    place = {column: i for i, column in enumerate(columns)}
    spans = set()
    for i, (row, found) in enumerate(cells):
        for column in found:
            if (row, column) in wide:
                covered = sum(column <= other <= wide[row, column] for other in columns)
                spans.add((i, place[column], covered))
    rows = tuple(tuple(found.get(column, "") for column in columns) for _, found in cells)
    return Block(columns[0], rows, frozenset(spans))


def _sides(cells: _Cells, bands: Sequence[Sequence[int]]) -> list[_Cells]:
    """The cells of each band of columns."""
    side_of = {column: side for side, band in enumerate(bands) for column in band}
    found: list[_Cells] = [[] for _ in bands]
    for row, held in cells:
        parts: dict[int, dict[int, str]] = {}
        for column, text in held.items():
            parts.setdefault(side_of[column], {})[column] = text
        for side, part in parts.items():
            found[side].append((row, part))
    return found


def _is_table(cells: _Cells) -> bool:
    """Whether some row is a header with a row below; titles above it do not count."""
    columns = sorted({column for _, row in cells for column in row})
    full = next((i for i, (_, row) in enumerate(cells) if len(row) > 1), None)
    if full is None or full + 1 >= len(cells):
        return False
    return is_header([[cells[full][1].get(column, "") for column in columns]])


def _bands(numbers: Sequence[int]) -> list[list[int]]:
    """Runs of consecutive numbers."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found
