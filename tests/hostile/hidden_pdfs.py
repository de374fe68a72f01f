"""PDFs with text that is drawn and not seen."""

import io
from collections.abc import Callable
from typing import Any

from tests.hostile import Hidden
from tests.hostile.hidden_texts import FIRST, ORDER

LAST = "Requests are made two weeks before the first day of leave."
_VISIBLE = (FIRST, LAST)
_SHOWN = "White letters on a dark bar are seen by every reader."


def _drawn(draw: Callable[[Any], None]) -> Callable[[], bytes]:
    def make() -> bytes:
        from reportlab.pdfgen.canvas import Canvas

        stream = io.BytesIO()
        canvas = Canvas(stream, pagesize=(595, 842), invariant=True)
        canvas.setFont("Helvetica", 12)
        canvas.drawString(60, 780, FIRST)
        canvas.saveState()
        draw(canvas)
        canvas.restoreState()
        canvas.setFont("Helvetica", 12)
        canvas.drawString(60, 600, LAST)
        canvas.save()
        return stream.getvalue()

    return make


def _mode_3(canvas: Any) -> None:
    text = canvas.beginText(60, 700)
    text.setTextRenderMode(3)
    text.textLine(ORDER)
    canvas.drawText(text)


def _white(canvas: Any) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 700, ORDER)


def _tiny(canvas: Any) -> None:
    canvas.setFont("Helvetica", 0.5)
    canvas.drawString(60, 700, ORDER)


def _scaled(canvas: Any) -> None:
    canvas.scale(0.02, 0.02)
    canvas.drawString(3_000, 35_000, ORDER)


def _off_page(canvas: Any) -> None:
    canvas.drawString(-900, 700, ORDER)
    canvas.drawString(60, 2_000, ORDER)


def _behind(canvas: Any) -> None:
    canvas.drawString(60, 700, ORDER)
    canvas.setFillColorRGB(0.2, 0.3, 0.4)
    canvas.rect(40, 680, 515, 40, stroke=0, fill=1)


def _same_as_box(canvas: Any) -> None:
    canvas.setFillColorRGB(0.1, 0.2, 0.5)
    canvas.rect(40, 680, 515, 40, stroke=0, fill=1)
    canvas.drawString(60, 700, ORDER)


def _transparent(canvas: Any) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(60, 700, ORDER)


def _clipped(canvas: Any) -> None:
    path = canvas.beginPath()
    path.rect(0, 0, 1, 1)
    canvas.clipPath(path, stroke=0)
    canvas.drawString(60, 700, ORDER)


def _dark_bar(canvas: Any) -> None:
    canvas.setFillColorRGB(0.05, 0.1, 0.3)
    canvas.rect(40, 680, 515, 40, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 695, _SHOWN)
    _mode_3(canvas)


HIDDEN = (
    Hidden("mode-3.pdf", _drawn(_mode_3), _VISIBLE),
    Hidden("white.pdf", _drawn(_white), _VISIBLE),
    Hidden("tiny.pdf", _drawn(_tiny), _VISIBLE),
    Hidden("scaled.pdf", _drawn(_scaled), _VISIBLE),
    Hidden("off-page.pdf", _drawn(_off_page), _VISIBLE),
    Hidden("behind.pdf", _drawn(_behind), _VISIBLE),
    Hidden("same-as-box.pdf", _drawn(_same_as_box), _VISIBLE),
    Hidden("transparent.pdf", _drawn(_transparent), _VISIBLE),
    Hidden("clipped.pdf", _drawn(_clipped), _VISIBLE),
    Hidden("dark-bar.pdf", _drawn(_dark_bar), (*_VISIBLE, _SHOWN)),
)
