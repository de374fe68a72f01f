"""Rows of a table as lines that say their headers, so that each can be quoted alone."""

from collections.abc import Iterator, Sequence

LONGEST_NAME = 100  # characters of a header


def records(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Each row that holds anything as `Header: value; Header: value`.

    White space within a cell becomes blanks; an empty cell is left out, one beyond the headers stands alone.
    """
    names = [one_line(name) for name in header]
    return [line for row in rows if (line := "; ".join(_pairs(names, row)))]


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns: each in letters, each once, none empty but the last."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    while first and not first[-1]:
        first.pop()
    return (
        len(first) > 1
        and all(any(letter.isalpha() for letter in cell) for cell in first)
        and len(set(first)) == len(first)
        and max(map(len, first)) <= LONGEST_NAME
    )


def one_line(cell: str) -> str:
    """A cell without line breaks and superfluous blanks."""
    return " ".join(cell.split())


def _pairs(names: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for column, cell in enumerate(row):
        name = names[column] if column < len(names) else ""
        if value := one_line(cell):
            yield f"{name}: {value}" if name else value
