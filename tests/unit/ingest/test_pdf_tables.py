"""Ruled tables become rows; what only looks like one stays text."""

from io import BytesIO

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import Table, TableStyle

from ingest.loaders import pdf

ROWS = [
    ["place", "hotel", "per diem"],
    ["London", "140 pounds", "48 pounds"],
    ["Leeds", "90 pounds", "35 pounds"],
]
GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)


def made(*pages):
    """Pages of (x, y, drawable) or text at x, y."""
    stream = BytesIO()
    sheet = canvas.Canvas(stream, pagesize=A4)
    for page in pages:
        for x, y, part in page:
            if isinstance(part, str):
                sheet.drawString(x, y, part)
            else:
                part.wrapOn(sheet, 500, 700)
                part.drawOn(sheet, x, y)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def table(rows, *styles, widths=150):
    return Table(rows, colWidths=widths, style=TableStyle([GRID, *styles]))


def loaded(*parts):
    return pdf.load(made(parts), "a.pdf")


def test_a_ruled_table_is_rows_between_blank_lines():
    found = loaded(
        (50, 750, "These are the rates."), (50, 600, table(ROWS)), (50, 500, "They hold from May on.")
    )
    assert found.text == (
        "These are the rates.\n\nplace | hotel | per diem\nLondon | 140 pounds | 48 pounds\n"
        "Leeds | 90 pounds | 35 pounds\n\nThey hold from May on."
    )
    assert found.report["tables"] == 1


def test_a_chinese_table_is_rows():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [["城市", "住宿上限"], ["北京", "550 元"], ["苏州", "420 元"]]
    found = loaded((50, 600, table(rows, ("FONT", (0, 0), (-1, -1), "STSong-Light"))))
    assert found.text == "城市 | 住宿上限\n北京 | 550 元\n苏州 | 420 元"


def test_a_cell_over_two_rows_is_said_in_both_and_one_over_two_columns_once():
    rows = [["city", "rates", ""], ["London", "140", "48"], ["", "120", "40"]]
    found = loaded((50, 600, table(rows, ("SPAN", (1, 0), (2, 0)), ("SPAN", (0, 1), (0, 2)))))
    assert found.text == "city | rates\nLondon | 140 | 48\nLondon | 120 | 40"


def test_lines_of_a_cell_are_joined():
    rows = [["class", "meaning"], ["Internal", "this guide and\nthe org chart"], ["Public", "brochures"]]
    assert "Internal | this guide and the org chart" in loaded((50, 600, table(rows))).text


def test_a_row_has_a_box_around_it():
    found = loaded((50, 600, table(ROWS)))
    assert [found.text[box.start : box.end] for box in found.boxes] == found.text.split("\n")
    assert all(box.x1 - box.x0 > 440 for box in found.boxes)


def test_a_table_that_goes_on_on_the_next_page_says_its_head_again():
    more = [["Paris", "120 pounds", "44 pounds"], ["Rome", "95 pounds", "39 pounds"]]
    found = pdf.load(made([(50, 100, table(ROWS))], [(50, 700, table(more))]), "a.pdf")
    second = found.text[found.pages[1] :]
    assert second.startswith("place | hotel | per diem\nParis | 120 pounds")
    repeated = next(box for box in found.boxes if box.start == found.pages[1])
    assert repeated.page == 1  # where it is printed


def test_hidden_text_is_in_no_cell():
    rows = [["place", "hotel"], ["London", "140 pounds"], ["Leeds", "pay double"]]
    found = loaded((50, 600, table(rows, ("TEXTCOLOR", (1, 2), (1, 2), colors.white))))
    assert found.text == "place | hotel\nLondon | 140 pounds\nLeeds |"
    assert found.report["hidden"] == {"white": 9}


def test_a_frame_around_text_is_no_table():
    frame = Table(
        [["All of this holds for every employee."]], style=TableStyle([("BOX", (0, 0), (-1, -1), 1, "black")])
    )
    found = loaded((50, 600, frame))
    assert found.text == "All of this holds for every employee."
    assert "tables" not in found.report


def test_a_chinese_cell_of_two_lines_has_no_blank_in_the_middle_of_a_word():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [["项目", "说明"], ["餐补", "打入饭卡，不能\n提现"], ["night shift", "after 22:00,\nfour hours"]]
    found = loaded((50, 600, table(rows, ("FONT", (0, 0), (-1, -1), "STSong-Light"))))
    assert "餐补 | 打入饭卡，不能提现\n" in found.text
    assert "night shift | after 22:00, four hours" in found.text


def test_rows_of_two_ideographs_and_a_wide_gap_stay_rows():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    stream = BytesIO()
    sheet = canvas.Canvas(stream, pagesize=A4)
    sheet.setFont("STSong-Light", 10)
    rows = [
        ("餐补", "每个工作日二十五元，打入饭卡，不能提现，不能转让"),
        ("夜班", "每班六十元，二十二点以后在岗满四小时才能领取津贴"),
    ] * 2
    for number, (name, rate) in enumerate(rows):
        sheet.drawString(50, 700 - 14 * number, name)
        sheet.drawString(120, 700 - 14 * number, rate)
    sheet.save()
    text = pdf.load(stream.getvalue(), "a.pdf").text
    assert text.split("\n") == [" ".join(row) for row in rows]
