import importlib.util
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from ingest.loaders import image
from ingest.options import Options, using
from rag.errors import UnreadableFile

installed = pytest.mark.skipif(
    not importlib.util.find_spec("rapidocr"), reason="the extra ocr is not installed"
)


def picture(*lines, size=(900, 260), mode="RGB"):
    sheet = Image.new(mode, size, "white")
    for row, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((40, 40 + 80 * row), line, fill="black", font_size=44)
    return sheet


def saved(sheet, form, **how):
    stream = BytesIO()
    sheet.save(stream, form, **how)
    return stream.getvalue()


def refused(data, name="a.png"):
    with pytest.raises(UnreadableFile) as caught:
        image.load(data, name)
    return caught.value


def test_a_picture_needs_ocr_where_that_is_off():
    with using(Options(ocr="off")):
        error = refused(saved(picture("Leave"), "PNG"))
    assert error.state == "ocr needed"
    assert error.hint


@installed
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_a_picture_of_each_format_is_read(form):
    loaded = image.load(saved(picture("Leave is fifteen days."), form), "a")
    assert loaded.text == "Leave is fifteen days."
    assert loaded.report["reader"] == "rapidocr"
    assert loaded.boxes[0].page == 1


@installed
def test_a_chinese_picture_is_read(shared_data):
    loaded = image.load((shared_data / "parsers/files/chi_sim_image.jpeg").read_bytes(), "a.jpeg")
    assert "肌肤" in loaded.text
    assert "激发细胞活力" in loaded.text  # over the end of a line


@installed
def test_frames_of_a_tiff_are_pages():
    data = saved(
        picture("The first page."), "TIFF", save_all=True, append_images=[picture("The second page.")]
    )
    loaded = image.load(data, "a.tif")
    assert loaded.text == "The first page.\n\nThe second page."
    assert loaded.pages == (0, 17)


@installed
def test_letters_on_a_transparent_ground_are_read():
    sheet = Image.new("RGBA", (900, 200), (0, 0, 0, 0))
    ImageDraw.Draw(sheet).text((40, 60), "Leave is fifteen days.", fill="black", font_size=44)
    assert image.load(saved(sheet, "PNG"), "a.png").text == "Leave is fifteen days."


@installed
def test_a_picture_without_letters_is_empty():
    assert refused(saved(picture(), "PNG")).state == "empty"


@installed
@pytest.mark.parametrize("data", [b"", b"no picture", saved(picture("x"), "PNG")[:200]])
def test_what_is_no_picture_is_damaged(data):
    error = refused(data)
    assert error.state == "damaged"
    assert error.hint


@installed
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    header = bytearray(saved(Image.new("1", (8, 8)), "BMP"))
    header[18:26] = (20_000).to_bytes(4, "little") + (20_000).to_bytes(4, "little")
    assert refused(bytes(header)).state == "too large"


@installed
def test_boxes_of_a_large_picture_count_its_own_pixels():
    sheet = Image.new("RGB", (4000, 800), "white")
    ImageDraw.Draw(sheet).text((2000, 400), "Leave is fifteen days.", fill="black", font_size=120)
    (box,) = image.load(saved(sheet, "PNG"), "a.png").boxes
    assert (box.x0, box.y0) == pytest.approx((2000, 430), abs=40)


@installed
def test_a_picture_that_a_camera_turned_is_read_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it clockwise to see it
    data = saved(picture("Leave is fifteen days.").rotate(90, expand=True), "JPEG", exif=exif)
    assert image.load(data, "a.jpg").text == "Leave is fifteen days."


@installed
@pytest.mark.parametrize(("degrees", "x0", "y0"), [(90, 40, 445), (180, 445, 602), (270, 602, 40)])
def test_a_page_that_lies_wrongly_is_read_and_its_boxes_are_those_of_the_file(degrees, x0, y0):
    sheet = picture("Leave is fifteen days.", "It ends on Friday.", size=(900, 700))
    loaded = image.load(saved(sheet.rotate(degrees, expand=True), "PNG"), "a.png")
    assert loaded.text == "Leave is fifteen days.\nIt ends on Friday."
    box = loaded.boxes[0]
    assert (box.x0, box.y0) == pytest.approx((x0, y0), abs=12)
