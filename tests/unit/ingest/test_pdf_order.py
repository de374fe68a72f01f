"""Reading order, running lines and headings of made pages, in English and Chinese."""

from io import BytesIO

import pypdf
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from ingest.loaders import pdf

LEFT = [
    "Every employee has fifteen days of leave in a",
    "year, and may carry five of them into the next",
    "one. Whoever joins within a year has a twelfth",
    "of them for each full month. Leave is asked for",
    "two weeks before, in the portal, and granted by",
    "the manager within three days.",
]
RIGHT = [
    "Travel is booked by the office, not by oneself,",
    "and second class is the rule. Hotels cost up to",
    "ninety pounds a night, breakfast included, and",
    "in London up to one hundred and forty. Receipts",
    "are handed in within fifteen working days after",
    "the journey, or the claim is void.",
]
左 = [
    "员工每年享有十五天带薪年休假，",
    "其中五天可以结转到下一年使用。",
    "年中入职的员工按照月数折算天数",
    "休假须提前两周在系统中申请，并",
    "由部门经理在三天以内批准完毕。",
]
右 = [
    "出差由行政部统一预订，不得自行",
    "购票，高铁一律乘坐二等座。住宿",
    "费每晚不超过四百二十元，凭发票",
    "报销。差旅费须在十五个工作日内",
    "提交报销单，逾期不再予以受理。",
]


def made(*draws):
    stream = BytesIO()
    sheet = canvas.Canvas(stream, pagesize=(595, 842))
    for draw in draws:
        sheet.setFont("Helvetica", 11)
        draw(sheet)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def turned(data, degrees):
    writer = pypdf.PdfWriter(BytesIO(data))
    writer.pages[0].rotate(degrees)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def text_of(*draws):
    return pdf.load(made(*draws), "a.pdf").text


def alternating(sheet, left=LEFT, right=RIGHT, font="Helvetica"):
    """Two columns, written row by row, as layout programs without stories do."""
    sheet.setFont(font, 11)
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        sheet.drawString(50, 700 - 14 * row, one)
        sheet.drawString(320, 700 - 14 * row, other)


def test_columns_that_are_written_row_by_row_are_read_one_after_the_other():
    text = text_of(alternating)
    assert "a twelfth of them for each full month" in text
    assert "ninety pounds a night" in text
    assert text.index("three days") < text.index("Travel is booked")


def test_chinese_columns_are_read_one_after_the_other():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    text = text_of(lambda sheet: alternating(sheet, 左, 右, "STSong-Light"))
    assert "休假须提前两周在系统中申请，并由部门经理在三天以内批准完毕。" in text
    assert text.index("批准完毕") < text.index("出差由行政部")


def test_what_spans_the_columns_divides_them():
    def draw(sheet):
        sheet.drawString(
            50, 730, "The rules of the company for leave, for travel and for all that costs its money"
        )
        alternating(sheet)
        sheet.drawString(
            50, 590, "These rules hold from the first of May on, for every employee in every office"
        )

    text = text_of(draw)
    assert text.startswith("The rules of the company")
    assert text.endswith("in every office")


def test_rows_without_rules_stay_rows():
    def draw(sheet):
        for row, (place, rate) in enumerate(
            [("London", "140"), ("Leeds", "90"), ("Paris", "120"), ("Rome", "80")]
        ):
            sheet.drawString(50, 700 - 14 * row, place)
            sheet.drawString(300, 700 - 14 * row, rate)

    assert text_of(draw) == "London 140\nLeeds 90\nParis 120\nRome 80"


def test_blocks_that_were_written_from_the_bottom_are_read_from_the_top():
    def draw(sheet):
        sheet.drawString(50, 300, "The third paragraph.")
        sheet.drawString(50, 500, "The second paragraph.")
        sheet.drawString(50, 700, "The first paragraph.")

    assert text_of(draw) == "The first paragraph.\nThe second paragraph.\nThe third paragraph."


@pytest.mark.parametrize(
    ("degrees", "x0", "y0", "x1", "y1"),
    [(0, 50, 34, 86, 44), (90, 798, 50, 808, 86), (180, 509, 798, 545, 808), (270, 34, 509, 44, 545)],
)
def test_boxes_of_a_turned_page_are_those_of_the_page_as_it_is_shown(degrees, x0, y0, x1, y1):
    data = turned(made(lambda sheet: sheet.drawString(50, 800, "Top left")), degrees)
    (box,) = pdf.load(data, "a.pdf").boxes
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((x0, y0, x1, y1), abs=3)


def test_text_that_runs_upwards_is_read_as_lines():
    def draw(sheet):
        sheet.rotate(90)
        for row, line in enumerate(LEFT):
            sheet.drawString(100, -100 - 14 * row, line)

    text = text_of(draw)
    assert "carry five of them into the next one" in text


def test_a_word_divided_at_the_end_of_a_column_line_is_made_whole_and_its_boxes_stay():
    def draw(sheet):
        sheet.drawString(50, 700, "The travel of all employees is booked and paid by the organi-")
        sheet.drawString(50, 686, "sation itself, which also keeps the tickets.")

    loaded = pdf.load(made(draw), "a.pdf")
    assert "organisation itself" in loaded.text
    assert [loaded.text[box.start : box.end][-6:] for box in loaded.boxes] == ["organi", "ckets."]


def sheets(count, head="Leave rules", number="{}"):
    def one(page):
        def draw(sheet):
            sheet.drawString(50, 810, head)
            sheet.drawString(50, 700, f"Paragraph {'abcdef'[page]} says what holds.")
            sheet.drawString(300, 30, number.format(page + 1))

        return draw

    return [one(page) for page in range(count)]


def test_running_heads_and_page_numbers_are_left_out_and_counted():
    loaded = pdf.load(made(*sheets(4)), "a.pdf")
    assert loaded.text.count("Leave rules") == 1  # its words stand nowhere else
    assert "\n4" not in loaded.text
    assert loaded.report["running_lines"] == 7


def test_a_chinese_page_number_is_left_out():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def one(page):
        def draw(sheet):
            sheet.setFont("STSong-Light", 11)
            sheet.drawString(50, 700, "甲乙丙"[page] + "部门的规定如下。")
            sheet.drawString(300, 30, f"第 {page + 1} 页 共 3 页")

        return draw

    assert "页" not in text_of(*(one(page) for page in range(3)))


def test_a_figure_at_the_edge_that_does_not_count_with_the_pages_stays():
    text = text_of(*[lambda sheet: (sheet.drawString(50, 700, "Sums"), sheet.drawString(50, 30, "1200"))] * 2)
    assert text.count("1200") == 2


def test_larger_lines_are_headings_where_there_is_no_outline():
    def draw(sheet):
        for part, (title, lines) in enumerate([("Leave", LEFT), ("Travel", RIGHT)]):
            sheet.setFont("Helvetica-Bold", 16)
            sheet.drawString(50, 750 - 200 * part, title)
            sheet.setFont("Helvetica", 11)
            for row, line in enumerate(lines):
                sheet.drawString(50, 720 - 200 * part - 14 * row, line)

    loaded = pdf.load(made(draw), "a.pdf")
    assert [section.heading for section in loaded.sections] == [("Leave",), ("Travel",)]


def test_a_page_of_large_letters_only_has_no_headings():
    def draw(sheet):
        for row, line in enumerate(LEFT):
            sheet.setFont("Helvetica", 11 + 3 * (row % 2))
            sheet.drawString(50, 700 - 20 * row, line)

    assert [section.heading for section in pdf.load(made(draw), "a.pdf").sections] == [()]
