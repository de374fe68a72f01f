"""What is painted on a page, object by object, as pdfium tells it."""

import ctypes
import math
from collections.abc import Iterator
from typing import Any

from ingest.formats.pdf.types import Bounds, Matrix, Painted

MOST_OBJECTS = 200_000
MOST_DEPTH = 12
_BOLD = (b"bold", b"black", b"heavy", b"semibold", b"demi")

_SAME: Matrix = (1, 0, 0, 1, 0, 0)


class TooDeep(ValueError):
    """A page nests or repeats its objects beyond what is looked at."""


def painted(page: Any) -> list[Painted]:
    """The text, paths, images and shadings of a page in the order of painting, those within forms too."""
    from pypdfium2 import raw

    look = _Look()
    count = raw.FPDFPage_CountObjects(page.raw)
    if count < 0:
        raise ValueError("the objects of a page cannot be counted")
    return list(look.walk([raw.FPDFPage_GetObject(page.raw, i) for i in range(count)], _SAME, 0))


class _Look:
    """One page's walk. Results of pdfium are received in the same few variables: it is called often."""

    def __init__(self) -> None:
        from pypdfium2 import raw

        self.raw = raw
        self.seen = 0
        self.bold: dict[int, bool] = {}
        self.floats = [ctypes.c_float() for _ in range(4)]
        self.float_refs = [ctypes.byref(each) for each in self.floats]
        self.uints = [ctypes.c_uint() for _ in range(4)]
        self.uint_refs = [ctypes.byref(each) for each in self.uints]
        self.fill, self.stroke = ctypes.c_int(), ctypes.c_int()
        self.fill_ref, self.stroke_ref = ctypes.byref(self.fill), ctypes.byref(self.stroke)
        self.matrix = raw.FS_MATRIX()
        self.matrix_ref = ctypes.byref(self.matrix)
        self.name = ctypes.create_string_buffer(128)

    def walk(self, handles: list[Any], outer: Matrix, depth: int) -> Iterator[Painted]:
        raw = self.raw
        self.seen += len(handles)
        if depth > MOST_DEPTH or self.seen > MOST_OBJECTS:
            raise TooDeep("a page nests or repeats its objects too often")
        for handle in handles:
            if not handle:
                raise ValueError("an object of a page cannot be read")
            kind = raw.FPDFPageObj_GetType(handle)
            if kind == raw.FPDF_PAGEOBJ_FORM:
                inner = [
                    raw.FPDFFormObj_GetObject(handle, i) for i in range(raw.FPDFFormObj_CountObjects(handle))
                ]
                yield from self.walk(inner, _times(self._matrix(handle), outer), depth + 1)
            else:
                yield self._painted(handle, kind, outer)

    def _painted(self, handle: Any, kind: int, outer: Matrix) -> Painted:
        raw = self.raw
        key = ctypes.addressof(handle.contents)
        bounds = self._bounds(handle, outer)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            mode = raw.FPDFTextObj_GetTextRenderMode(handle)
            stroked = mode in (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)
            size = self._size(handle, outer)
            colour = self._colour(handle, stroked=stroked)
            return Painted(handle, key, kind, bounds, colour, mode, size, self._is_bold(handle))
        if kind != raw.FPDF_PAGEOBJ_PATH:
            return Painted(handle, key, kind, bounds, fills=True)
        colour = self._colour(handle, stroked=False)
        self.raw.FPDFPath_GetDrawMode(handle, self.fill_ref, self.stroke_ref)
        fills, stroked = bool(self.fill.value), bool(self.stroke.value)
        matrix = _times(self._matrix(handle), outer) if stroked else _SAME
        return Painted(handle, key, kind, bounds, colour, fills=fills, stroked=stroked, matrix=matrix)

    def _bounds(self, handle: Any, outer: Matrix) -> Bounds:
        if not self.raw.FPDFPageObj_GetBounds(handle, *self.float_refs):
            return (0.0, 0.0, 0.0, 0.0)
        left, bottom, right, top = self.floats
        bounds = left.value, bottom.value, right.value, top.value
        return bounds if outer is _SAME else _moved(bounds, outer)

    def _colour(self, handle: Any, *, stroked: bool) -> tuple[int, int, int, int] | None:
        ask = self.raw.FPDFPageObj_GetStrokeColor if stroked else self.raw.FPDFPageObj_GetFillColor
        if not ask(handle, *self.uint_refs):
            return None
        red, green, blue, opacity = self.uints
        return red.value, green.value, blue.value, opacity.value

    def _size(self, handle: Any, outer: Matrix) -> float:
        self.raw.FPDFTextObj_GetFontSize(handle, self.float_refs[0])
        size = abs(self.floats[0].value)
        a, b, c, d, _, _ = _times(self._matrix(handle), outer)
        return size * min(math.hypot(a, b), math.hypot(c, d))

    def _matrix(self, handle: Any) -> Matrix:
        if not self.raw.FPDFPageObj_GetMatrix(handle, self.matrix_ref):
            raise ValueError("where an object of a page stands cannot be read")
        m = self.matrix
        return m.a, m.b, m.c, m.d, m.e, m.f

    def _is_bold(self, handle: Any) -> bool:
        font = self.raw.FPDFTextObj_GetFont(handle)
        if not font:
            return False
        key = ctypes.addressof(font.contents)
        if key not in self.bold:
            length = self.raw.FPDFFont_GetBaseFontName(font, self.name, len(self.name))
            name = self.name.raw[: min(length, len(self.name))].lower()
            self.bold[key] = any(word in name for word in _BOLD)
        return self.bold[key]


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    if outer is _SAME:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _moved(bounds: Bounds, by: Matrix) -> Bounds:
    left, bottom, right, top = bounds
    a, b, c, d, e, f = by
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
