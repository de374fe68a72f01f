"""Pictures of text, such as scans and screenshots: read by OCR, where that extra is installed.

Boxes count pixels as points. A TIFF's frames are pages.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest import ocr
from ingest.formats.pdf.compose import compose
from ingest.formats.scan import page_of
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
VERSION = 1

MOST_FRAMES = 200
_LONGEST_SIDE = 3_000  # pixels; more are no use and cost memory
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")


def load(data: bytes, name: str) -> Loaded:
    """Lines of the picture as paragraphs; `ocr needed` without the extra, `empty` where no text is seen."""
    if not ocr.is_ready():
        raise ocr.needed("it is a picture: its text is not read")
    notes = Notes(ocr.READER)
    notes.warn(ocr.UNSURE)
    pages = [page_of(pixels, scale) for pixels, scale in _frames(data, notes)]
    made = compose(pages, ())
    if not made.text.strip():
        raise UnreadableFile(
            "no text is seen in the picture", state="empty", hint="remove it, or scan it anew"
        )
    notes.pages = len(pages)
    notes.pages_without_text = list(made.empty)
    return Loaded(
        made.text, sections=made.sections, pages=made.pages, boxes=made.boxes, report=notes.report()
    )


def _frames(data: bytes, notes: Notes) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """Each frame as blue, green, red, and how much smaller it was made; too large ones are not decoded."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ocr.needed("it is a picture: its text is not read") from error
    clock = ocr.Clock()
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS)
        for number in range(getattr(image, "n_frames", 1)):
            if number and (number >= MOST_FRAMES or clock.is_over()):
                notes.warn(f"pages from {number + 1} on are not read: KB_PARSE_SECONDS gives more time")
                return
            image.seek(number)
            yield _pixels(image)
    except Image.DecompressionBombError as error:
        raise _too_large(str(error)) from error
    except UnidentifiedImageError as error:
        raise UnreadableFile(f"not a picture: {error}"[:200], hint="save it as PNG again") from error
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError) as error:
        raise UnreadableFile(f"the picture is damaged: {error}"[:200], hint="save it as PNG again") from error


def _pixels(image: Any) -> tuple[NDArray[np.uint8], float]:
    from PIL import Image, ImageOps

    width, height = image.size
    if width * height > ocr.MOST_PIXELS:
        raise _too_large(f"{width} x {height} pixels are more than {ocr.MOST_PIXELS // 1_000_000} million")
    scale = min(1.0, _LONGEST_SIDE / max(width, height))
    upright = ImageOps.exif_transpose(image)
    if scale < 1:
        upright = upright.resize((round(upright.width * scale), round(upright.height * scale)))
    upright = upright.convert("RGBA")
    paper = Image.new("RGBA", upright.size, "white")
    coloured = Image.alpha_composite(paper, upright).convert("RGB")
    return np.ascontiguousarray(np.asarray(coloured)[:, :, ::-1]), scale


def _too_large(said: str) -> UnreadableFile:
    return UnreadableFile(said, state="too large", hint="save it smaller, or in parts")
