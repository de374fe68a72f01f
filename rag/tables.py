"""Tables in stored texts, the first row a header: `| a | b |` (Markdown), `a | b`, or cells between tabs."""

import re

BARE_ROW = " | "
TAB = "\t"
_PIPE = re.compile(r"[ \t]*\|")
_FIGURES = re.compile(r"[-+\d.,%]*(?:\t[-+\d.,%]*)+$")
_ROWS = 5000  # above a row that are looked through for its header


def header_above(text: str, start: int) -> str:
    """The header of a table that a passage from `start` begins in the middle of, else ''."""
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)]
    if BARE_ROW not in line and not _PIPE.match(line) and not _FIGURES.match(line):
        return ""
    return header_of(text, start)


def cells(row: str) -> list[str]:
    """The cells of a row."""
    return row.strip("\n").split(TAB) if "|" not in row and TAB in row else row.strip().strip("|").split("|")


def header_of(text: str, at: int) -> str:
    """The header line of the table in which the row at `at` stands, or '' where it has none above it."""
    line = text.rfind("\n", 0, at) + 1
    if not _PIPE.match(text, line):
        return _bare_header(text, line)
    for _ in range(_ROWS):
        before = text.rfind("\n", 0, max(0, line - 1)) + 1
        row = text[before : max(0, line - 1)].strip()
        if not row.startswith("|") or line == 0:
            return ""
        if not row.strip("|-: \t"):
            above = text.rfind("\n", 0, max(0, before - 1)) + 1
            return text[above : max(0, before - 1)].strip()
        line = before
    return ""


def _bare_header(text: str, line: int) -> str:
    """The first of the rows that end with the one at `line`, unless that is itself the first."""
    end = text.find("\n", line)
    mark = BARE_ROW if BARE_ROW in text[line : end if end >= 0 else len(text)] else TAB
    first = line
    for _ in range(_ROWS):
        before = text.rfind("\n", 0, max(0, first - 1)) + 1
        if first == 0 or mark not in text[before : first - 1]:
            break
        first = before
    end = text.find("\n", first)
    return text[first:end].strip() if first < line else ""
