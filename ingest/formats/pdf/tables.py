"""Tables that are ruled by lines: the cells between crossing rules, and the text in each.

The method is that of Nurminen's thesis (2013), as pdfplumber and camelot use it: rules are found and
crossed, and what they close in is a cell. pdfium gives the rules and the text, so that text which was
taken off the page as hidden is in no cell either.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce

from ingest.formats.pdf.lines import in_line, paragraphs
from ingest.formats.pdf.rules import Rules, nets
from ingest.formats.pdf.types import Bounds, Frame, Line, Painted, Table, hull

_MOST_CELLS = 2_000
_LONGEST_CELL = 1_000
_WITHIN = 1.0  # points from the rules at which text of a cell is looked for
_REACH = 2.5

Parts = Sequence[tuple[Line, ...]]
Read = Callable[[Bounds], str]


def tables(
    painted: Sequence[Painted], frame: Frame, lines: Parts, read: Read
) -> tuple[list[tuple[Line, ...]], list[tuple[int, Table]]]:
    """The lines that are in no table, and the tables, each with the number of the line that it comes before.

    `read` gives the text within a box of the page as shown. What seems a table but would lose a letter
    is left as lines.
    """
    found: list[tuple[Table, set[int]]] = []
    for net in nets(painted, frame):
        inside = {number for number, parts in enumerate(lines) if _is_inside(parts, net)}
        table = _table(net, [part for number in sorted(inside) for part in lines[number]], read)
        if table:
            found.append((table, inside))
    taken = {number for _, inside in found for number in inside}
    kept = [parts for number, parts in enumerate(lines) if number not in taken]
    before = [
        sum(other < min(inside) for other in range(len(lines)) if other not in taken) for _, inside in found
    ]
    return kept, [(place, table) for place, (table, _) in zip(before, found, strict=True)]


def _is_inside(parts: Sequence[Line], net: Rules) -> bool:
    left, right = min(rule[0] for rule in net.upright), max(rule[0] for rule in net.upright)
    top, bottom = min(rule[0] for rule in net.level), max(rule[0] for rule in net.level)
    x0, y0, x1, y1 = hull(parts)
    return left <= (x0 + x1) / 2 <= right and top <= (y0 + y1) / 2 <= bottom


def _table(net: Rules, lines: Sequence[Line], read: Read) -> Table | None:
    grid = _Grid(net)
    if not lines or len(grid.cells) < 4:
        return None
    texts = {number: _one_line(read(box)) for number, box in grid.cells.items()}
    if Counter(_letters(" ".join(texts.values()))) != Counter(
        _letters(" ".join(line.text for line in lines))
    ):
        return None
    rows = [_row(grid, number, texts) for number in range(len(grid.ys) - 1)]
    rows = [row for row in rows if row.text.strip(" |")]
    told = sum(bool(text) for text in texts.values())
    if len(rows) < 2 or 2 * told < len(texts) or max(map(len, texts.values())) > _LONGEST_CELL:
        return None
    return Table(tuple(rows), *hull(rows)) if any(" | " in row.text for row in rows) else None


def _row(grid: "_Grid", number: int, texts: dict[int, str]) -> Line:
    """Cells of a row from the left; one that covers several rows is said in each, several columns once."""
    across = list(dict.fromkeys(grid.cell_of[number]))
    text = " | ".join(texts[cell] for cell in across).rstrip()
    return Line(text, grid.xs[0], grid.ys[number], grid.xs[-1], grid.ys[number + 1], row=True)


def _one_line(text: str) -> str:
    """The lines of a cell as one: nothing between ideographs, a blank elsewhere."""
    lines = (" ".join(line.split()) for line in paragraphs(text).replace("\ufffe", "-").split("\n"))
    return reduce(in_line, (line for line in lines if line), "")


def _letters(text: str) -> str:
    return "".join(text.replace("\ufffe", "").replace("-", "").split())


class _Grid:
    """The cells that rules close in. `cell_of` is row by row, column by column, the number of the cell."""

    def __init__(self, net: Rules) -> None:
        self.net = net
        self.xs = sorted({rule[0] for rule in net.upright})
        self.ys = sorted({rule[0] for rule in net.level})
        self.cell_of: list[list[int]] = []
        self.cells: dict[int, Bounds] = {}
        if (len(self.xs) - 1) * (len(self.ys) - 1) <= _MOST_CELLS:
            self._fill()

    def _fill(self) -> None:
        for row in range(len(self.ys) - 1):
            self.cell_of.append([])
            for column in range(len(self.xs) - 1):
                self.cell_of[row].append(self._cell(row, column))
        spans: dict[int, list[tuple[int, int]]] = {}
        for row, cells in enumerate(self.cell_of):
            for column, cell in enumerate(cells):
                spans.setdefault(cell, []).append((row, column))
        for cell, units in spans.items():
            rows, columns = zip(*units, strict=True)
            if len(units) != (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1):
                self.cells = {}  # no box: what the rules close in is no table
                return
            box = (
                self.xs[min(columns)],
                self.ys[min(rows)],
                self.xs[max(columns) + 1],
                self.ys[max(rows) + 1],
            )
            self.cells[cell] = _inner(box)

    def _cell(self, row: int, column: int) -> int:
        """The number of the cell that goes on here from the left or from above, or a new one."""
        middle_x = (self.xs[column] + self.xs[column + 1]) / 2
        middle_y = (self.ys[row] + self.ys[row + 1]) / 2
        if column and not _ruled(self.net.upright, self.xs[column], middle_y):
            return self.cell_of[row][column - 1]
        if row and not _ruled(self.net.level, self.ys[row], middle_x):
            return self.cell_of[row - 1][column]
        return row * len(self.xs) + column


def _ruled(rules: Sequence[tuple[float, float, float]], place: float, at: float) -> bool:
    return any(abs(rule[0] - place) < 0.1 and rule[1] - _REACH <= at <= rule[2] + _REACH for rule in rules)


def _inner(box: Bounds) -> Bounds:
    return box[0] + _WITHIN, box[1] + _WITHIN, box[2] - _WITHIN, box[3] - _WITHIN
