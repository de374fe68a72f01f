"""Boxes of a version as they are stored, and those of a quote.

One row a line of a page: start, end, page and four coordinates in tenths of a point. Rows are packed
little-endian and compressed; about 8 bytes a line remain.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from rag.types import Box

_TENTHS = 10
MOST_BYTES = 256_000_000  # of one version, unpacked
_ROW = 7  # numbers


def pack(boxes: Sequence[Box]) -> bytes:
    """Bytes of the boxes; none for none."""
    if not boxes:
        return b""
    rows = [(b.start, b.end, b.page, *_tenths(b)) for b in boxes]
    return zlib.compress(np.array(rows, "<i4").T.tobytes(), 6)


def unpack(data: bytes) -> tuple[Box, ...]:
    """The inverse of `pack`, to a tenth of a point."""
    return tuple(map(_box, _rows(data).tolist()))


def within(data: bytes, start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the lines that `start`..`end` touches."""
    rows = _rows(data)
    return tuple(map(_box, rows[(rows[:, 0] < end) & (rows[:, 1] > start)].tolist()))


def _rows(data: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    if not data:
        return np.empty((0, _ROW), np.int32)
    plain = zlib.decompressobj().decompress(data, MOST_BYTES)
    return np.frombuffer(plain, "<i4").reshape(_ROW, -1).T


def _tenths(box: Box) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round(value * _TENTHS) for value in (box.x0, box.y0, box.x1, box.y1))
    return x0, y0, x1, y1


def _box(row: list[int]) -> Box:
    start, end, page, x0, y0, x1, y1 = row
    return Box(start, end, page, x0 / _TENTHS, y0 / _TENTHS, x1 / _TENTHS, y1 / _TENTHS)
