"""Text of a page that no reader sees: it is taken off the page before the page is read.

Ink of mode 3, no opacity, letters below a point and what lies off the page are known from the
object. Whether light, covered or same-coloured text can be seen is tried: the page is painted with
and without it, and what changes no pixel is hidden. Invisible text over the ink of a picture as wide
as the page is the text layer of a scan, and stays.
"""

import ctypes
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingest.formats.pdf.clips import Clips
from ingest.formats.pdf.types import Bounds, Frame, Painted
from ingest.formats.pdf.view import View, take_off

TINY = 1.0  # points
SECONDS = 6.0  # what a document may cost in painting; later pages are judged by their objects alone
_TEXT, _PATH, _IMAGE = 1, 2, 3  # pdfium's kinds of objects
_INVISIBLE = (3, 7)  # render modes that paint nothing
_LIGHT = 200  # of 255, the darkest of three colours
_CLEAR = 12  # of 255 opacity
_LIKE = 48  # of 255: colours nearer than that may look the same
_MOST_COVERS = 4_000  # areas of a page that its text is compared with
_PAGE_WIDE = 0.5  # of the page: pictures that cover more may be a scan


@dataclass(slots=True)
class Judge:
    """Judges the pages of one document. `hidden` is reason to texts; `scans` are pages with a text layer."""

    hidden: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    scans: list[int] = field(default_factory=list)
    spent: float = 0.0

    def clear(self, page: Any, number: int, painted: Sequence[Painted], frame: Frame) -> None:
        """Take hidden text off the page. Raises where the page cannot be looked at."""
        texts = [each for each in painted if each.kind == _TEXT]
        found = {each.key: reason for each in texts if (reason := _certain(each, frame))}
        covers = _Covers(painted)
        doubtful = [each for each in texts if each.key not in found and covers.make_doubtful(each)]
        layer = [each for each in texts if found.get(each.key) == "invisible ink"]
        pictured = covers.over_scan([*layer, *doubtful], frame)
        if doubtful or pictured:
            started = time.process_time()
            view = View(page, frame) if self.spent < SECONDS else None
            unseen = view.unseen(doubtful) if view else covers.unseen(doubtful)
            found |= {each.key: "white" if _is_light(each) else "covered" for each in unseen}
            kept = [each for each in pictured if each.key in found and (view is None or view.has_ink(each))]
            for each in kept:
                del found[each.key]
            if kept:
                self.scans.append(number)
            self.spent += time.process_time() - started
        gone = [each for each in texts if each.key in found]
        if gone:
            for reason, text in _texts(page, gone, found):
                self.hidden[reason].append(text)
            take_off(gone)


class _Covers:
    """The areas of a page that text may lie on or under."""

    def __init__(self, painted: Sequence[Painted]) -> None:
        self.order = {each.key: place for place, each in enumerate(painted)}
        self.areas = [each for each in painted if each.fills][:_MOST_COVERS]
        self.places = np.array([self.order[each.key] for each in self.areas], np.int64)
        self.bounds = np.array([each.bounds for each in self.areas]).reshape(-1, 4).T
        self.clips = Clips()

    def make_doubtful(self, text: Painted) -> bool:
        """True when light, covered or like what it stands on, so that only painting can tell."""
        if text.colour is None or _is_light(text) or self.clips.cut_off(text):
            return True
        over = self._around(text)
        if not over.size:
            return False
        if over[-1] > self.order[text.key]:
            return True
        below = self._below(over, text)
        return below is not None and _alike(text, below)

    def unseen(self, texts: Sequence[Painted]) -> list[Painted]:
        """Those that may not be seen, judged without painting: in doubt, they are hidden."""
        return [each for each in texts if not self._stands_out(each)]

    def _stands_out(self, text: Painted) -> bool:
        over = self._around(text)
        if self.clips.cut_off(text) or bool((over > self.order[text.key]).any()):
            return False
        below = self._below(over, text)
        if below is None:
            return text.colour is not None and not _is_light(text)
        return below.kind != _PATH or not _alike(text, below)

    def over_scan(self, texts: Sequence[Painted], frame: Frame) -> list[Painted]:
        """Those that lie on pictures which together are as wide as the page."""
        pictures = [each.bounds for each in self.areas if each.kind == _IMAGE]
        width, height = frame.size()
        area = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
        if area < _PAGE_WIDE * width * height:
            return []
        return [each for each in texts if any(_holds(picture, each) for picture in pictures)]

    def _around(self, text: Painted) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Places in the order of painting of the areas that the middle of the text lies in."""
        if not self.areas:
            return self.places
        x, y = text.centre()
        left, bottom, right, top = self.bounds
        return self.places[(left <= x) & (x <= right) & (bottom <= y) & (y <= top)]

    def _below(self, around: "np.ndarray[tuple[int], np.dtype[np.int64]]", text: Painted) -> Painted | None:
        """The area that the text is painted on."""
        lower = around[around < self.order[text.key]]
        return self.areas[int(np.searchsorted(self.places, lower[-1]))] if lower.size else None


def _certain(text: Painted, frame: Frame) -> str:
    """Why nobody sees it, as far as the object itself says so."""
    left, bottom, right, top = text.bounds
    if right <= left and top <= bottom:
        return ""  # blanks
    if right < frame.left or left > frame.right or top < frame.bottom or bottom > frame.top:
        return "off page"
    if text.mode in _INVISIBLE:
        return "invisible ink"
    if text.colour and text.colour[3] <= _CLEAR:
        return "transparent"
    # Both: a font may draw its letters at any size, and a dash is low.
    return "tiny" if text.size < TINY and min(right - left, top - bottom) < TINY * 1.5 else ""


def _is_light(text: Painted) -> bool:
    return text.colour is not None and min(text.colour[:3]) >= _LIGHT


def _alike(text: Painted, below: Painted) -> bool:
    """True when the colours are near each other, or those of a picture, which cannot be known."""
    if below.colour is None or text.colour is None:
        return True
    return all(abs(one - other) <= _LIKE for one, other in zip(text.colour, below.colour[:3], strict=False))


def _holds(picture: Bounds, text: Painted) -> bool:
    x, y = text.centre()
    left, bottom, right, top = picture
    return left <= x <= right and bottom <= y <= top


def _texts(page: Any, gone: Sequence[Painted], found: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Reason and text of each object, read before it is gone."""

    textpage = page.get_textpage()
    buffer = ctypes.create_string_buffer(4096)
    for each in gone:
        length = _read(each, textpage, buffer)
        if length > len(buffer):
            buffer = ctypes.create_string_buffer(length)
            length = _read(each, textpage, buffer)
        said = ctypes.string_at(buffer, min(length, len(buffer)))
        yield found[each.key], said.decode("utf-16-le", "ignore").strip("\0")
    textpage.close()


def _read(text: Painted, textpage: Any, buffer: "ctypes.Array[ctypes.c_char]") -> int:
    """Into the buffer if there is room; the bytes that it takes."""
    from pypdfium2 import raw

    room = ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
    return int(raw.FPDFTextObj_GetText(text.handle, textpage.raw, room, len(buffer)))
