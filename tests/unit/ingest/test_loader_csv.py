import pytest

from ingest.loaders import csv
from rag.errors import UnreadableFile


def parts(loaded):
    return [(s.heading, loaded.text[s.span.start : s.span.end].strip()) for s in loaded.sections]


def test_each_row_says_its_headers():
    loaded = csv.load(b'City;Limit;Note\nOslo;120;\n"Bonn;\nWest";90;late\n', "a.csv")
    assert loaded.text == "City: Oslo; Limit: 120\nCity: Bonn; West; Limit: 90; Note: late"
    assert loaded.report["delimiter"] == ";"


def test_tabs_are_found():
    assert csv.load(b"City\tLimit\nOslo\t1,200\nBonn\t90\n", "a.tsv").text == (
        "City: Oslo; Limit: 1,200\nCity: Bonn; Limit: 90"
    )


@pytest.mark.parametrize("header", ["编号,问题,答案", "ID,Question,Answer"])
def test_questions_and_answers_become_an_entry_each(header):
    data = f'{header}\nK1,保修期多长？,24 个月。\nK2,运费谁出？,"客户。\n寄回由我们。"\n'.encode("gb18030")
    loaded = csv.load(data, "a.csv")
    name = header.split(",")[0]
    assert parts(loaded) == [
        (("保修期多长？",), f"保修期多长？\n24 个月。\n{name}: K1"),
        (("运费谁出？",), f"运费谁出？\n客户。\n寄回由我们。\n{name}: K2"),
    ]


def test_a_table_without_headers_keeps_its_text():
    assert csv.load(b"1,2,3\na,b,c,d\n", "a.csv").text == "1,2,3\na,b,c,d\n"


def test_a_cell_beyond_the_headers_stands_alone():
    assert csv.load(b"A,B\n1,2,extra\n3\n", "a.csv").text == "A: 1; B: 2; extra\nA: 3"


def test_a_table_of_headers_only_is_its_headers():
    assert csv.load(b"Name,Phone\n", "a.csv").text == "Name; Phone"


def test_other_wordings_stand_in_the_heading_of_their_question():
    data = "问题,相似问题,答案\n保修期多长？,保修几年;多久过保,24 个月。\n".encode()
    loaded = csv.load(data, "客服_问答.csv")
    assert parts(loaded)[0][0] == ("保修期多长？ / 保修几年？ / 多久过保？",)
    assert loaded.title == "客服 问答"


def test_rows_of_another_length_are_said_in_a_warning():
    assert "warnings" in csv.load(b"A,B\n1,2,extra\n", "a.csv").report
    assert "warnings" not in csv.load(b"A,B\n1,2\n", "a.csv").report


def test_binary_data_is_refused():
    with pytest.raises(UnreadableFile):
        csv.load(b"PK\x03\x04" + bytes(range(256)) * 8, "a.csv")
