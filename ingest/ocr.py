"""Text of pictures, by RapidOCR: in this process, in English and Chinese, with the models of its package.

The extra `ocr` installs it. Nothing is downloaded: without the package's models it counts as missing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import options
from rag.errors import UnreadableFile

READER = "rapidocr"
UNSURE = "text was read from pictures and may hold mistakes"
HINT = 'pip install "kb[ocr]"'
MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 1600  # pixels in which lines are looked for; they are read in full size
_SHARE = 0.6  # of the seconds of a file, which reading its pictures may take
_SHARE_OF_ONE = 0.25  # a picture that takes longer is not read three times more to see which side is up
_LACKS = ("memory", "bad_alloc", "failed to allocate", "bfcarena", "failed to map")  # the last: a library
_LEAST = 0.5  # how sure a line must be
_DOUBTFUL = 0.8  # a page that is less sure is turned and read anew
_SHORT = 2  # letters of a line that may be higher than wide
_MODELS = 3  # find, turn, read


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of a picture in pixels from its upper left corner."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class Clock:
    """How long pictures of one file may still be read."""

    def __init__(self, share: float = _SHARE) -> None:
        self._end = time.monotonic() + share * options.current().parse_seconds

    def is_over(self) -> bool:
        """True when the rest is to be left unread."""
        return time.monotonic() > self._end


def is_ready() -> bool:
    """True when pictures are to be read and the extra is installed."""
    return options.current().ocr != "off" and _models()


def needed(message: str) -> UnreadableFile:
    """The error of a file whose text is in pictures only."""
    off = options.current().ocr == "off"
    hint = "KB_OCR=auto reads pictures" if off and _models() else HINT
    return UnreadableFile(message, state="ocr needed", hint=hint)


def read(pixels: NDArray[np.uint8]) -> tuple[list[Printed], int]:
    """Lines of a picture (height, width, 3: blue, green, red), and its quarter turns against the clock.

    Lines come from above, in pixels of the picture when it was turned so often to be read: none for most.
    `UnreadableFile` where it fails: state `too large` for want of memory, else `ocr needed`.
    """
    clock = Clock(_SHARE_OF_ONE)
    try:
        best = _read(pixels, 0)
        if best.lines and (best.sure < _DOUBTFUL or best.stands) and not clock.is_over():
            best = max((best, *(_read(pixels, turns) for turns in (1, 2, 3))), key=_worth)
    except Exception as error:
        raise _failed(error) from error
    return sorted(best.lines, key=lambda line: (line.y0 + line.y1, line.x0)), best.turns


def _failed(error: Exception) -> UnreadableFile:
    """The engine wraps what its runtime raises, and tells of memory in words."""
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(word in said for word in _LACKS):
        return UnreadableFile(
            "reading its pictures needs more memory than a worker may have",
            state="too large",
            hint="raise KB_PARSE_MB, or run it through OCR, such as ocrmypdf",
        )
    return UnreadableFile(
        f"its pictures cannot be read: {type(error).__name__}",
        state="ocr needed",
        hint="run it through OCR, such as ocrmypdf",
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a picture that was turned; `sure` 0..1, `stands` where its lines run up or down."""

    lines: tuple[Printed, ...]
    turns: int
    sure: float
    stands: bool


def _worth(reading: _Reading) -> tuple[bool, float]:
    return not reading.stands, reading.sure


def _read(pixels: NDArray[np.uint8], turns: int) -> _Reading:
    # Not line by line: single upright lines are then taken to be upside down.
    result = _engine()(np.ascontiguousarray(np.rot90(pixels, turns)), use_cls=False)
    if result.boxes is None or result.txts is None:
        return _Reading((), turns, 0.0, stands=False)
    lines = tuple(
        _printed(text, box)
        for text, box, sure in zip(result.txts, result.boxes, result.scores, strict=True)
        if sure >= _LEAST and text.strip()
    )
    upright = sum(line.y1 - line.y0 > line.x1 - line.x0 for line in lines if len(line.text) > _SHORT)
    return _Reading(lines, turns, float(np.mean(result.scores)), stands=2 * upright > len(lines))


def _printed(text: str, box: Sequence[Sequence[float]]) -> Printed:
    xs, ys = zip(*box, strict=True)
    return Printed(text, float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys)))


@cache
def _models() -> bool:
    found = find_spec("rapidocr")
    if found is None or not found.origin or find_spec("onnxruntime") is None:
        return False
    return len(list((Path(found.origin).parent / "models").glob("*.onnx"))) >= _MODELS


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    runtime = "EngineConfig.onnxruntime."
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_type": "max",  # small pictures are not enlarged: it costs much and finds no more
            "Det.limit_side_len": _LONGEST_SIDE,
            "Rec.rec_batch_num": 1,  # six long lines at once take twice the memory and more time
            f"{runtime}intra_op_num_threads": 1,
            f"{runtime}inter_op_num_threads": 1,
            f"{runtime}enable_cpu_mem_arena": False,  # memory of the largest picture is not kept
        }
    )
