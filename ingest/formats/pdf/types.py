"""The nouns of a PDF page: its frame, the objects painted on it, its lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Bounds = tuple[
    float, float, float, float
]  # left, bottom, right, top of user space; left, top, right, bottom as shown
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page that is shown, in user space, and how many quarter turns clockwise it is shown."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    def size(self) -> tuple[float, float]:
        """Width and height as shown."""
        wide, high = self.right - self.left, self.top - self.bottom
        return (high, wide) if self.turns % 2 else (wide, high)

    def shown(self, bounds: Bounds) -> Bounds:
        """User space (left, bottom, right, top) to points from the upper left corner as shown."""
        left, bottom, right, top = bounds
        match self.turns % 4:
            case 0:
                return left - self.left, self.top - top, right - self.left, self.top - bottom
            case 1:
                return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
            case 2:
                return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
            case _:
                return self.top - top, self.right - right, self.top - bottom, self.right - left

    def user(self, shown: Bounds) -> Bounds:
        """The inverse of `shown`."""
        x0, y0, x1, y1 = shown
        match self.turns % 4:
            case 0:
                return x0 + self.left, self.top - y1, x1 + self.left, self.top - y0
            case 1:
                return y0 + self.left, x0 + self.bottom, y1 + self.left, x1 + self.bottom
            case 2:
                return self.right - x1, y0 + self.bottom, self.right - x0, y1 + self.bottom
            case _:
                return self.right - y1, self.top - x1, self.right - y0, self.top - x0

    def holds(self, x: float, y: float) -> bool:
        """True for a point of user space that is shown."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


class Painted(NamedTuple):
    """An object of a page, in the order of painting. Bounds are those of user space.

    `colour` is red, green, blue, opacity of 0..255; None where pdfium cannot tell. `size` is that of
    the letters in points as shown; `fills` is true for what covers an area, `stroked` for a path whose
    outline is painted; `matrix` takes the points of a path to user space. `key` is pdfium's address of
    the object. A tuple, for a book has hundreds of thousands.
    """

    handle: Any
    key: int
    kind: int
    bounds: Bounds
    colour: tuple[int, int, int, int] | None = None
    mode: int = 0
    size: float = 0.0
    bold: bool = False
    fills: bool = False
    stroked: bool = False
    matrix: Matrix = (1, 0, 0, 1, 0, 0)

    def centre(self) -> tuple[float, float]:
        """The middle of its bounds."""
        left, bottom, right, top = self.bounds
        return (left + right) / 2, (bottom + top) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as shown, in points from the upper left corner.

    `turns` are quarter turns clockwise of its letters. `row` is true for a table's row, `spread` for a
    line with wide gaps, such as the row of a table without rules. `page` is 1-based where the line stands
    on another page than the one that says it, as a table's head does.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float = 0.0
    bold: bool = False
    turns: int = 0
    row: bool = False
    spread: bool = False
    page: int = 0

    @property
    def height(self) -> float:
        """Of its box."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a ruled table, the first of them its header."""

    rows: tuple[Line, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    turns: int = 0


Item = Line | Table


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read: blocks of lines in reading order, on a page of this size."""

    blocks: tuple[tuple[Line, ...], ...] = ()
    width: float = 0.0
    height: float = 0.0
    pictures: int = 0

    def lines(self) -> list[Line]:
        """All lines in order."""
        return [line for block in self.blocks for line in block]


def hull(items: Sequence[Item]) -> Bounds:
    """The box around boxes; there must be one."""
    return (
        min(item.x0 for item in items),
        min(item.y0 for item in items),
        max(item.x1 for item in items),
        max(item.y1 for item in items),
    )


def quarter(angle: float) -> int:
    """Radians to quarter turns."""
    return round(angle / (math.pi / 2)) % 4
