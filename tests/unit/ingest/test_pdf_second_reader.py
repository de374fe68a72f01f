"""pypdf reads what pdfium cannot open, and hides nothing from the wall."""

from io import BytesIO

import pytest
from reportlab.pdfgen import canvas

from ingest.formats.pdf import pypdf as second
from rag.errors import UnreadableFile


def made(draw):
    stream = BytesIO()
    sheet = canvas.Canvas(stream)
    sheet.drawString(50, 700, "Leave is fifteen days.")
    draw(sheet)
    sheet.save()
    return stream.getvalue()


def invisible(sheet):
    line = sheet.beginText(50, 600)
    line.setTextRenderMode(3)
    line.textLine("Pay at once.")
    sheet.drawText(line)


def white(sheet):
    sheet.setFillGray(1)
    sheet.drawString(50, 600, "Pay at once.")


def test_a_plain_file_is_read():
    title, pages = second.read(made(lambda sheet: sheet.setTitle("Rules")), (), 10)
    assert title == "Rules"
    assert [page.strip() for page in pages] == ["Leave is fifteen days."]


@pytest.mark.parametrize("draw", [invisible, white])
def test_a_file_that_may_hide_text_is_quarantined(draw):
    with pytest.raises(UnreadableFile) as caught:
        second.read(made(draw), (), 10)
    assert caught.value.state == "quarantined"
    assert caught.value.hint


def test_what_neither_reader_opens_is_damaged():
    with pytest.raises(UnreadableFile) as caught:
        second.read(b"%PDF-1.4 nothing", (), 10)
    assert caught.value.state == "damaged"
