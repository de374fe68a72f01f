"""Pages painted to pixels, to see what a reader sees."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.formats.pdf.types import Frame, Painted

FAINT = 20  # of 255: a smaller difference is not seen
INK = 40  # of 255: a scanned letter differs from its paper by more
MOST_PIXELS = 4_000_000
SCALE = 1.5  # pixels a point: small letters still change a pixel

Pixels = NDArray[np.uint8]


class View:
    """A page as it looks, painted once. Raises pdfium's error where it cannot be painted."""

    def __init__(self, page: Any, frame: Frame) -> None:
        self._page = page
        self._frame = frame
        width, height = frame.size()
        self._scale = min(SCALE, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        self._pixels = self._painted()

    def unseen(self, texts: Sequence[Painted]) -> list[Painted]:
        """Those whose absence changes nothing on the page."""
        with inactive(texts):
            without = self._painted()
        return [
            each
            for each in texts
            if np.abs(self._part(self._pixels, each) - self._part(without, each)).max(initial=0) <= FAINT
        ]

    def has_ink(self, text: Painted) -> bool:
        """True when the page differs within the place of the text, as it does where letters are printed."""
        part = self._part(self._pixels, text)
        return bool(part.size) and int(part.max()) - int(part.min()) > INK

    def _painted(self) -> Pixels:
        return pixels_of(self._page, self._scale)

    def _part(self, pixels: Pixels, text: Painted) -> NDArray[np.int16]:
        x0, y0, x1, y1 = (value * self._scale for value in self._frame.shown(text.bounds))
        rows = slice(max(0, int(y0)), max(0, int(y1) + 2))
        return pixels[rows, max(0, int(x0)) : max(0, int(x1) + 2)].astype(np.int16)


def pixels_of(page: Any, scale: float) -> Pixels:
    """The page as blue, green, red, with so many pixels a point."""
    bitmap = page.render(scale=scale, may_draw_forms=False)
    pixels: Pixels = bitmap.to_numpy()[:, :, :3].copy()  # pdfium's own are gone with the bitmap
    bitmap.close()
    return pixels


@contextmanager
def inactive(texts: Sequence[Painted]) -> Iterator[None]:
    """Within, the page is without these."""
    take_off(texts)
    try:
        yield
    finally:
        _switch(texts, on=True)


def take_off(texts: Sequence[Painted]) -> None:
    """From now on the page has no such text, neither for painting nor for reading."""
    _switch(texts, on=False)


def _switch(texts: Sequence[Painted], *, on: bool) -> None:
    from pypdfium2 import raw

    for each in texts:
        if not raw.FPDFPageObj_SetIsActive(each.handle, on):
            raise ValueError("an object cannot be taken off its page")
