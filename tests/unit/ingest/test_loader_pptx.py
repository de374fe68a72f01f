from io import BytesIO

import pptx
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from ingest.loaders import pptx as loader


def show():
    return pptx.Presentation()


def load(made):
    stream = BytesIO()
    made.save(stream)
    return loader.load(stream.getvalue(), "a.pptx")


def blank(made):
    return made.slides.add_slide(made.slide_layouts[6])


def box(slide, text, left=1.0, top=1.0):
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5))
    shape.text_frame.text = text
    return shape


def bodies(loaded):
    return [(s.heading, loaded.text[s.span.start : s.span.end].strip()) for s in loaded.sections]


def test_a_slide_is_a_page_and_a_section_headed_by_its_title():
    made = show()
    for title, body in (("目标", "收入\n利润"), ("Plan", "ship it")):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text_frame.text = title, body
    loaded = load(made)
    assert bodies(loaded) == [(("目标",), "目标\n- 收入\n- 利润"), (("Plan",), "Plan\n- ship it")]
    assert [loaded.text[p : p + 2] for p in loaded.pages] == ["目标", "Pl"]
    assert loaded.report["pages"] == 2


def test_the_levels_of_a_list_are_indented():
    made = show()
    slide = made.slides.add_slide(made.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    frame.text = "one"
    paragraph = frame.add_paragraph()
    paragraph.text, paragraph.level = "below", 1
    assert load(made).text == "- one\n  - below"


def test_notes_stand_below_their_slide():
    made = show()
    slide = blank(made)
    box(slide, "text")
    slide.notes_slide.notes_text_frame.text = "先说价格"
    assert load(made).text == "text\n\nNotes:\n先说价格"


def test_boxes_are_read_from_top_to_bottom_and_from_left_to_right():
    made = show()
    slide = blank(made)
    for text, left, top in (("d", 5, 4), ("b", 5, 1.05), ("c", 1, 4), ("a", 1, 1)):
        box(slide, text, left, top)
    assert load(made).text.split() == ["a", "b", "c", "d"]


def test_boxes_in_groups_stand_where_the_group_puts_them():
    made = show()
    slide = blank(made)
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    box(inner, "low", 1, 5)
    box(slide, "middle", 1, 3)
    box(group, "high", 1, 1)
    assert load(made).text.split() == ["high", "middle", "low"]


def test_a_table_tells_merged_cells_as_every_table_does():
    made = show()
    table = blank(made).shapes.add_table(3, 2, 0, 0, Inches(4), Inches(2)).table
    for row, texts in enumerate((("城市", "限额"), ("上海", "600"), ("", "700"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    loaded = load(made)
    assert loaded.text == "城市 | 限额\n上海 | 600\n上海 | 700"
    assert loaded.report["tables"] == 1


def test_a_chart_tells_its_series():
    made = show()
    data = CategoryChartData()
    data.categories = ["Q1", "Q2"]
    data.add_series("收入", (10, 12.5))
    slide = blank(made)
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data)
    assert "收入: Q1 10; Q2 12.5" in load(made).text


def test_what_nobody_sees_is_counted():
    made = show()
    hidden = blank(made)
    box(hidden, "HIDDEN SLIDE")
    hidden._element.set("show", "0")
    slide = blank(made)
    box(slide, "seen", top=4)
    box(slide, "WHITE", top=5.5).text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    box(slide, "DOT", top=6).text_frame.paragraphs[0].runs[0].font.size = Pt(1)
    box(slide, "OFF", left=-5)
    unseen = box(slide, "NOT SHOWN", top=2)
    unseen._element.nvSpPr.cNvPr.set("hidden", "1")
    loaded = load(made)
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == {
        "hidden slide": 11,
        "white": 5,
        "tiny": 3,
        "off page": 3,
        "not displayed": 8,
    }


def test_white_text_over_a_shape_is_read():
    made = show()
    slide = blank(made)
    bar = slide.shapes.add_shape(1, Inches(1), Inches(1), Inches(3), Inches(1))
    bar.fill.solid()
    bar.fill.fore_color.rgb = RGBColor(0, 0, 90)
    box(slide, "白字", 1, 1).text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    assert load(made).text == "白字"


def test_white_text_on_a_dark_slide_is_read():
    made = show()
    slide = blank(made)
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = RGBColor(0, 0, 0)
    box(slide, "light").text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    assert load(made).text == "light"


def test_a_slide_that_is_broken_does_not_take_the_others_with_it():
    made = show()
    box(blank(made), "first")
    slide = blank(made)
    box(slide, "second")
    tree = slide._element.find(".//{*}spTree")
    tree.append(etree.SubElement(tree, "{http://schemas.openxmlformats.org/presentationml/2006/main}sp"))
    assert load(made).text.split() == ["first", "second"]


def test_the_program_s_own_title_is_no_title():
    made = show()
    made.core_properties.title = "PowerPoint Presentation"
    box(blank(made), "x")
    assert load(made).title == ""


def test_words_in_the_place_of_a_date_are_searched_once():
    made = show()
    for title in ("Freeze", "Thaw"):
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = title
        for kind, said in (("dt", "Valid in winter 仅限冬季"), ("sldNum", "7")):
            shape = box(slide, said)._element
            etree.SubElement(shape.nvSpPr.nvPr, qn("p:ph"), type=kind, idx="10")
    found = load(made)
    searched = "".join(body for _, body in bodies(found))
    assert searched.count("Valid in winter 仅限冬季") == 1
    assert "7" not in searched
