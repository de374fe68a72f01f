"""Pictures of text to pages of lines, for scanned PDFs and image files."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest import ocr
from ingest.formats.pdf.order import in_order
from ingest.formats.pdf.types import Line, Page

_SAME_ROW = 0.5  # of the lower line's height


def page_of(pixels: NDArray[np.uint8], scale: float) -> Page:
    """The page that a picture shows, where `scale` pixels are a point; blocks in reading order."""
    found, turns = ocr.read(pixels)
    lines = [
        Line(each.text, each.x0 / scale, each.y0 / scale, each.x1 / scale, each.y1 / scale) for each in found
    ]
    height, width = (length / scale for length in pixels.shape[:2])
    blocks = in_order(_rows(lines), [])
    kept = tuple(
        tuple(_turned_back(item, turns, width, height) for item in block if isinstance(item, Line))
        for block in blocks
    )
    return Page(kept, width, height, pictures=1)


def _turned_back(line: Line, turns: int, width: float, height: float) -> Line:
    """Where the line stands on the page of that size before it was turned against the clock."""
    x0, y0, x1, y1 = line.x0, line.y0, line.x1, line.y1
    match turns:
        case 1:
            x0, y0, x1, y1 = width - y1, x0, width - y0, x1
        case 2:
            x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
        case 3:
            x0, y0, x1, y1 = y0, height - x1, y1, height - x0
    return replace(line, x0=x0, y0=y0, x1=x1, y1=y1, turns=turns)


def _rows(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Lines at the same height, from the left."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and _shared(rows[-1][-1], line) >= _SAME_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [tuple(sorted(row, key=lambda line: line.x0)) for row in rows]


def _shared(one: Line, other: Line) -> float:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared / max(0.1, min(one.height, other.height))
