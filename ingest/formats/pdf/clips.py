"""What a page cuts its text by: text outside of it is painted nowhere."""

import ctypes
from collections.abc import Iterator
from typing import Any

from ingest.formats.pdf.types import Bounds, Painted

_MOST_CLIPS = 8
_MOST_SEGMENTS = 64
_RECTANGLE = (4, 5)  # segments, of which two are opposite corners


class Clips:
    """The clips of one page. Results of pdfium are received in the same few variables: it is asked often."""

    def __init__(self) -> None:
        from pypdfium2 import raw

        self.raw = raw
        self.known: dict[int, Bounds | None] = {}
        self.floats = [ctypes.c_float() for _ in range(4)]
        self.refs = [ctypes.byref(each) for each in self.floats]

    def cut_off(self, text: Painted) -> bool:
        """True when the middle of the text is outside the bounds of a path that it is clipped by."""
        clip = self.raw.FPDFPageObj_GetClipPath(text.handle)
        count = self.raw.FPDFClipPath_CountPaths(clip) if clip else 0
        # Not the bounds that are known: within a form, clips are told in the coordinates of the form.
        if count < 1 or not self.raw.FPDFPageObj_GetBounds(text.handle, *self.refs):
            return False
        left, bottom, right, top = self.floats
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        clips = (self._bounds(clip, path) for path in range(min(count, _MOST_CLIPS)))
        return any(not (at[0] <= x <= at[2] and at[1] <= y <= at[3]) for at in clips if at)

    def _bounds(self, clip: Any, path: int) -> Bounds | None:
        """Of a path. Texts share their clips: where its first segment lies tells which one it is."""
        first = self.raw.FPDFClipPath_GetPathSegment(clip, path, 0)
        if not first:
            return None
        key = ctypes.addressof(first.contents)
        if key not in self.known:
            points = list(self._points(clip, path))
            xs, ys = zip(*points, strict=True) if points else ((), ())
            self.known[key] = (min(xs), min(ys), max(xs), max(ys)) if points else None
        return self.known[key]

    def _points(self, clip: Any, path: int) -> Iterator[tuple[float, float]]:
        x, y = ctypes.c_float(), ctypes.c_float()
        x_ref, y_ref = ctypes.byref(x), ctypes.byref(y)
        count = self.raw.FPDFClipPath_CountPathSegments(clip, path)
        for number in (0, 2) if count in _RECTANGLE else range(min(count, _MOST_SEGMENTS)):
            segment = self.raw.FPDFClipPath_GetPathSegment(clip, path, number)
            if self.raw.FPDFPathSegment_GetPoint(segment, x_ref, y_ref):
                yield x.value, y.value
