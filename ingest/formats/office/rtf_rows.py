"""The rows of a table in RTF, where each row defines its cells anew."""

from dataclasses import dataclass, field

_MOST_CELLS = 1_000


@dataclass(slots=True)
class TableRows:
    """Collects cells and rows until the table is taken. `is_open`: the present paragraph is in a cell."""

    is_open: bool = False
    _rows: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _merges: list[str] = field(default_factory=list)  # of the cells that the row defines
    _next: str = ""
    _above: dict[int, str] = field(default_factory=dict)

    def define(self, word: str) -> None:
        """A control word that may define a row or cell."""
        if word == "trowd":
            self._merges, self._next = [], ""
        elif word in ("clvmgf", "clvmrg", "clmrg"):
            self._next = word
        elif word == "cellx" and len(self._merges) < _MOST_CELLS:
            self._merges.append(self._next)
            self._next = ""
        elif word == "intbl":
            self.is_open = True

    def cell(self, text: str) -> None:
        """A cell is complete."""
        self._cells.append(
            " ".join(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").split())
        )

    def end(self) -> None:
        """A row is complete. A cell merged downwards is repeated, one merged sideways is told once."""
        line: list[str] = []
        for column, said in enumerate(self._cells):
            merge = self._merges[column] if column < len(self._merges) else ""
            if merge == "clvmrg":
                said = said or self._above.get(column, "")
            self._above[column] = said
            if merge != "clmrg" or said:
                line.append(said)
        if any(line):
            self._rows.append(" | ".join(line))
        self._cells = []

    def take(self) -> list[str]:
        """The rows so far, which are then gone."""
        if self._cells:
            self.end()
        rows, self._rows, self._above = self._rows, [], {}
        return rows
