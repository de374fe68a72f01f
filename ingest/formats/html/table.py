"""The grid of an HTML table: cells that reach over several rows are said on each of them."""

from dataclasses import dataclass, field

MOST_SPAN = 1_000  # as browsers do
MOST_REPEATED = 2_000_000  # characters of a page


@dataclass(slots=True)
class _Reaching:
    """A cell from above."""

    text: str
    rows: int
    columns: int


@dataclass(slots=True)
class Grid:
    """Where a row stands: which column is next, and what reaches into it."""

    column: int = 0
    is_first: bool = True  # no cell of this row was said yet
    rows: int = 0  # with more than one cell
    _cells: int = 0
    _words: int = 0  # cells of this row that hold any
    _reaching: dict[int, _Reaching] = field(default_factory=dict)

    @property
    def is_spare(self) -> bool:
        """Whether the row has one cell at most that says anything: then it is a line, not a row."""
        return self._words <= 1

    def begin_row(self) -> None:
        """A new row."""
        self.column, self.is_first, self._cells, self._words = 0, True, 0, 0

    def before_cell(self) -> list[str]:
        """Texts of the cells from above that stand before the next cell."""
        found: list[str] = []
        while cell := self._reaching.get(self.column):
            found.append(cell.text)
            self._pass(cell)
        return found

    def cell(self, text: str, rows: int, columns: int) -> None:
        """A cell that was said, and how far it reaches."""
        if rows > 1:
            self._reaching[self.column] = _Reaching(text, rows - 1, columns)
        self.column += columns
        self._cells += 1
        self._words += bool(text)

    def end_row(self) -> list[str]:
        """Texts of the cells from above that stand after the last cell."""
        found: list[str] = []
        for column in sorted(column for column in self._reaching if column >= self.column):
            found.append(self._reaching[column].text)
            self.column = column
            self._pass(self._reaching[column])
        self.rows += self._cells > 1
        return found

    def end_group(self) -> None:
        """No cell reaches from a head into a body."""
        self._reaching.clear()

    def _pass(self, cell: _Reaching) -> None:
        self._words += bool(cell.text)
        cell.rows -= 1
        if not cell.rows:
            del self._reaching[self.column]
        self.column += cell.columns


def span(said: str | None) -> int:
    """`rowspan` or `colspan` as a browser takes it; 0 reaches to the end."""
    digits = (said or "1").strip()
    if not digits.isascii() or not digits.isdigit():
        return 1
    return min(int(digits[:6]), MOST_SPAN) or MOST_SPAN
