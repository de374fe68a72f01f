"""Reading pictures; where the extra is missing, what the user is told."""

import importlib.util
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from ingest import ocr
from ingest.loaders import pdf
from ingest.options import Options, using
from rag.errors import UnreadableFile

installed = pytest.mark.skipif(
    not importlib.util.find_spec("rapidocr"), reason="the extra ocr is not installed"
)
SAID = "Receipts are kept for ten years."


def picture(text=SAID):
    image = Image.new("RGB", (1000, 300), "white")
    ImageDraw.Draw(image).text((60, 100), text, fill="black", font_size=48)
    return image


def scan(*pages):
    """A PDF of pages that are text or pictures."""
    stream = BytesIO()
    sheet = canvas.Canvas(stream, pagesize=(500, 300))
    for page in pages:
        if isinstance(page, str):
            sheet.drawString(50, 200, page)
        else:
            sheet.drawImage(ImageReader(page), 0, 75, 500, 150)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def test_a_scan_without_ocr_is_named_with_the_next_step():
    with using(Options(ocr="off")), pytest.raises(UnreadableFile) as caught:
        pdf.load(scan(picture()), "a.pdf")
    assert caught.value.state == "ocr needed"
    assert "KB_OCR" in caught.value.hint or "kb[ocr]" in caught.value.hint


def test_a_page_that_is_a_picture_is_named_where_it_is_not_read():
    with using(Options(ocr="off")):
        loaded = pdf.load(scan("The first page.", picture()), "a.pdf")
    assert loaded.text == "The first page."
    assert loaded.report["pages_without_text"] == [2]
    assert loaded.report["warnings"] == ["page 2 is a picture: its text is not read"]


def test_without_the_package_nothing_is_ready(monkeypatch):
    monkeypatch.setattr(ocr, "_models", lambda: False)
    assert not ocr.is_ready()
    assert ocr.needed("a scan").hint == 'pip install "kb[ocr]"'


@installed
def test_a_scan_is_read_with_boxes_and_a_warning():
    loaded = pdf.load(scan(picture()), "a.pdf")
    assert loaded.text == SAID
    assert loaded.report["reader"] == "pypdfium2, rapidocr"
    assert loaded.report["warnings"] == [ocr.UNSURE]
    (box,) = loaded.boxes
    assert (box.x0, box.y0) == pytest.approx((30, 128), abs=12)
    assert loaded.text[box.start : box.end] == SAID


@installed
def test_a_page_that_is_a_picture_among_others_is_read_in_its_place():
    loaded = pdf.load(scan("The first page.", picture(), "The third page."), "a.pdf")
    assert loaded.text == f"The first page.\n\n{SAID}\n\nThe third page."
    assert "pages_without_text" not in loaded.report


@installed
def test_pictures_are_left_when_the_time_is_over():
    with using(Options(parse_seconds=0)):
        loaded = pdf.load(scan("The first page.", picture()), "a.pdf")
    assert "time ran out" in loaded.report["warnings"][0]


@installed
def test_a_scan_without_letters_is_empty():
    with pytest.raises(UnreadableFile) as caught:
        pdf.load(scan(Image.new("RGB", (100, 100), "white")), "a.pdf")
    assert caught.value.state == "empty"


class Wrapped(Exception):
    """What the engine raises of what its runtime raises."""


@pytest.fixture
def failing(monkeypatch):
    """An engine that reads the first picture, and of the others says what is asked for."""
    monkeypatch.setattr(ocr, "_models", lambda: True)

    def fail(said):
        def engine(pixels, *, use_cls):
            raise Wrapped(said)

        monkeypatch.setattr(ocr, "_engine", lambda: engine)

    return fail


def test_want_of_memory_is_named_with_the_next_step(failing):
    failing("Traceback: RUNTIME_EXCEPTION: std::bad_alloc")
    with pytest.raises(UnreadableFile, match="more memory") as caught:
        pdf.load(scan(picture()), "a.pdf")
    assert caught.value.state == "too large"
    assert "KB_PARSE_MB" in caught.value.hint


def test_another_failure_is_named_with_the_next_step(failing):
    failing("an odd shape")
    with pytest.raises(UnreadableFile, match="Wrapped") as caught:
        pdf.load(scan(picture()), "a.pdf")
    assert caught.value.state == "ocr needed"
    assert "ocrmypdf" in caught.value.hint


def test_pages_with_text_are_kept_when_a_picture_takes_too_much_memory(failing):
    failing("Failed to allocate memory for requested buffer")
    loaded = pdf.load(scan("The first page.", picture(), "第三页 The third."), "a.pdf")
    assert "The first page." in loaded.text
    assert "The third." in loaded.text
    assert "page 2 is a picture" in loaded.report["warnings"][0]
    assert "KB_PARSE_MB" in loaded.report["warnings"][0]
