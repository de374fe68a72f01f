import zipfile
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from ingest.formats.sheet import formats as _sheet_formats
from ingest.formats.sheet.sheet import Allowance, Grid
from ingest.loaders import xlsx
from ingest.options import Options, using
from rag.errors import UnreadableFile


def book(*sheets):
    made = openpyxl.Workbook()
    del made["Sheet"]
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made):
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def load(made):
    return xlsx.load(saved(made), "a.xlsx")


def one(rows):
    """The text of a book of one unnamed sheet."""
    return load(book(("Sheet1", rows))).text


def bodies(loaded):
    return [(s.heading, loaded.text[s.span.start : s.span.end].strip()) for s in loaded.sections]


def changed(data, name, old, new):
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.namelist():
            held = before.read(part)
            after.writestr(part, held.replace(old, new) if part == name else held)
    return out.getvalue()


def test_a_sheet_is_a_page_and_a_section_of_records():
    loaded = load(
        book(("价目", [["品名", "单价"], ["记录仪", 598]]), ("Fees", [["Kind", "Fee"], ["late", "12 days"]]))
    )
    assert bodies(loaded) == [
        (("价目",), "价目\n\n品名: 记录仪; 单价: 598"),
        (("Fees",), "Fees\n\nKind: late; Fee: 12 days"),
    ]
    assert [loaded.text[p : p + 2] for p in loaded.pages] == ["价目", "Fe"]


def test_tables_with_blank_rows_and_columns_between_are_told_apart():
    rows = [["Name", "Age", None, "City", "Size"], ["Ann", 3, None, "Oslo", 7], [], ["Kind", "Sum"], ["x", 1]]
    assert one(rows) == "Name: Ann; Age: 3\n\nCity: Oslo; Size: 7\n\nKind: x; Sum: 1"


def test_a_blank_column_within_one_table_does_not_part_it():
    assert one([["rent", None, 100], ["power", None, 20]]) == "rent | 100\npower | 20"


def test_rows_below_a_gap_go_on_under_the_header():
    assert one([["Name", "Age"], ["Ann", 3], [], ["Bob", 4]]) == "Name: Ann; Age: 3\n\nName: Bob; Age: 4"


def test_lines_above_a_table_and_remarks_within_it_are_said_bare():
    rows = [["Prices of 2026"], ["Item", "Price", "Unit"], ["Hardware"], ["bolt", 2, "box"]]
    assert one(rows) == "Prices of 2026\n\nHardware\nItem: bolt; Price: 2; Unit: box"


def test_a_table_without_a_header_is_told_in_rows():
    assert one([[1, 2], [3, 4]]) == "1 | 2\n3 | 4"


def test_a_cell_merged_downwards_is_repeated_and_a_wide_header_heads_its_columns():
    made = book(
        ("Sheet1", [["地区", "2025", None], [None, "上半年", "下半年"], ["华东", 1, 2], [None, 3, 4]])
    )
    for area in ("A1:A2", "B1:C1", "A3:A4"):
        made["Sheet1"].merge_cells(area)
    assert load(made).text == (
        "地区: 华东; 2025 上半年: 1; 2025 下半年: 2\n地区: 华东; 2025 上半年: 3; 2025 下半年: 4"
    )


def test_questions_and_answers_become_entries_with_their_other_wordings():
    rows = [
        ["Question", "Answer", "Similar questions", "相似问1", "Owner"],
        ["How long is leave?", "15 days.\nPaid.", "How many days off?|leave days", "年假几天", "HR"],
        ["报销找谁", "财务。", None, None, None],
    ]
    assert bodies(load(book(("FAQ", rows))))[1:] == [
        (
            ("FAQ", "How long is leave? / How many days off? / leave days? / 年假几天？"),
            "How long is leave?\n15 days.\nPaid.\nOwner: HR",
        ),
        (("FAQ", "报销找谁？"), "报销找谁\n财务。"),
    ]


def test_values_are_told_as_they_are_shown():
    made = book(("Sheet1", [["a", 1200.0], [date(2026, 3, 1), datetime(2026, 3, 1, 14, 30)], [0.125, True]]))
    sheet = made["Sheet1"]
    sheet["A3"].number_format, sheet["B1"].number_format = "0.0%", '"£"#,##0.00'
    assert load(made).text == "a | £1,200.00\n2026-03-01 | 2026-03-01 14:30\n12.5% | TRUE"


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        (1200.0, "General", "1200"),
        (0.1 + 0.2, "General", "0.3"),
        (-5.5, "#,##0.00;(#,##0.00)", "(5.50)"),
        (0, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "-"),
        (1_234_567, '#,##0,"k"', "1,235k"),
        (7, "00000", "00007"),
        (45_000, 'yyyy"年"m"月"d"日"', "2023-03-15"),
        (45_000, "[$-409]d\\-mmm\\-yy;@", "2023-03-15"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (99.9, "[$€-407]#,##0.00", "€99.90"),
        (2860, '#,##0 "万元"', "2,860 万元"),
        (0.5, "# ?/?", "0.5"),
        (3.0, "0.###", "3"),
        (5, ";;;", ""),
        (1e300, "yyyy", "1e+300"),
        (1e308, "0%", "1e+308%"),
    ],
)
def test_a_number_format_shows_a_number_as_excel_does(value, code, said):
    assert _sheet_formats.shown(value, code) == said


def test_dates_of_old_macintosh_books_are_four_years_later():
    assert _sheet_formats.shown(0, "yyyy-mm-dd", from_1904=True) == "1904-01-01"


def test_what_is_hidden_is_left_out_and_counted():
    made = book(("Shown", [["a", "b"], ["gone", "gone"], ["x", "y"]]), ("Secret", [["秘密"]]))
    sheet = made["Shown"]
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet["A4"], sheet["A4"].font = "WHITE", Font(color="FFFFFFFF")
    sheet["A5"], sheet["A5"].number_format = 42, ";;;"
    sheet["A1"].comment = Comment("hm", "me")
    made["Secret"].sheet_state = "hidden"
    loaded = load(made)
    assert loaded.text == "Shown\n\na\n\nx"
    assert loaded.report["hidden"] == {
        "hidden row": 8,
        "hidden column": 2,
        "not displayed": 2,
        "white": 5,
        "comment": 2,
        "hidden sheet": 2,
    }


def test_white_text_on_a_filled_cell_is_read():
    made = book(("Sheet1", [["表头"]]))
    made["Sheet1"]["A1"].font = Font(color="FFFFFFFF")
    made["Sheet1"]["A1"].fill = PatternFill("solid", fgColor="FF1F3864")
    assert load(made).text == "表头"


def test_formulas_give_the_results_that_were_saved():
    data = saved(book(("Sheet1", [["=1+1"], ["=2+2"]])))
    data = changed(data, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    data = changed(data, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    loaded = xlsx.load(data, "a.xlsx")
    assert loaded.text == "2"
    assert loaded.report["warnings"] == ["1 formulas have no stored result: open it in Excel and save it"]


def test_an_inflated_used_range_costs_nothing():
    made = book(("Sheet1", [["a", "b"]]))
    made["Sheet1"].cell(1_048_576, 16_384).number_format = "0.0"
    assert load(made).text == "a | b"


def test_more_cells_than_may_be_are_refused():
    grid = Grid(Allowance(cells=2))
    grid.put(0, 0, "a")
    grid.put(0, 1, "b")
    with pytest.raises(UnreadableFile) as caught:
        grid.put(0, 2, "c")
    assert caught.value.state == "too large"


def test_a_sheet_that_breaks_off_gives_what_it_has():
    data = saved(book(("Sheet1", [["first"], ["second"]])))
    data = changed(data, "xl/worksheets/sheet1.xml", b"</sheetData>", b"<row><c")
    loaded = xlsx.load(data, "a.xlsx")
    assert loaded.text == "first\nsecond"
    assert loaded.report["warnings"] == ["a part of the file is broken: sheet1.xml"]


@pytest.mark.parametrize("part", ["workbook", "worksheets/sheet1"])
def test_entities_are_refused(part):
    data = saved(book(("Sheet1", [["x"]])))
    data = changed(data, f"xl/{part}.xml", b"<work", b'<!DOCTYPE s [<!ENTITY a "b">]><work')
    with pytest.raises(UnreadableFile, match="entities"):
        xlsx.load(data, "a.xlsx")


def test_a_form_is_told_as_it_stands():
    assert one([["姓名：", "张三"], ["Office:", "Leeds"]]) == "姓名： | 张三\nOffice: | Leeds"


def test_a_locked_book_is_opened_with_a_password_of_the_run():
    msoffcrypto = pytest.importorskip("msoffcrypto", reason="msoffcrypto-tool is not installed")
    out = BytesIO()
    file = msoffcrypto.OfficeFile(BytesIO(saved(book(("Sheet1", [["机密"]])))))
    file.encrypt("geheim", out)
    with using(Options(passwords=("wrong", "geheim"))):
        assert xlsx.load(out.getvalue(), "a.xlsx").text == "机密"
    with pytest.raises(UnreadableFile) as caught:
        xlsx.load(out.getvalue(), "a.xlsx")
    assert caught.value.state == "password needed"
    assert "--password-file" in caught.value.hint


def test_columns_without_values_keep_their_names():
    assert one([["Name", "Age", "城市"], ["Ann", 3, None]]) == "Name: Ann; Age: 3\n城市"
