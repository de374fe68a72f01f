import pytest

from ingest.formats.entries import LONGEST_HEADING, entries
from ingest.formats.records import is_header, records


@pytest.mark.parametrize(
    "header",
    [
        ["Question", "Answer", "Similar questions"],
        ["*Standard_question (required):", "Reply", "Aliases"],
        ["问题（必填）", "答案", "相似问题1"],
        ["标准问", "回复内容", "其他问法"],
    ],
)
def test_columns_are_known_by_their_names(header):
    text, headings = entries(header, [["Where?", "Here.", "Which place?"]])
    assert text == "Where?\nHere.\n\n"
    assert [(h.start, h.text) for h in headings] == [(0, "Where? / Which place?")]


def test_other_tables_are_no_entries():
    assert entries(["City", "Answer"], [["a", "b"]]) is None


@pytest.mark.parametrize("cell", ["a?\nb?", "a？|b", "a###b", "a; b", "a / b"])
def test_several_wordings_stand_in_one_cell(cell):
    _, headings = entries(["Q", "A", "Variants"], [["x?", "y", cell]])
    first, second, third = headings[0].text.replace("？", "?").split(" / ")
    assert (first, second, third) == ("x?", "a?", "b?")


def test_a_heading_ends_with_a_question_mark():
    _, headings = entries(["Q", "A"], [["Forgot the password.", "x"], ["忘记密码。", "x"]])
    assert [h.text for h in headings] == ["Forgot the password?", "忘记密码？"]


def test_wordings_that_do_not_fit_the_heading_are_not_lost():
    long = [f"wording number {n} " + "x" * 80 for n in range(6)]
    text, headings = entries(["Q", "A", "Alternatives"], [["q?", "a", "|".join(long)]])
    assert len(headings[0].text) <= LONGEST_HEADING
    assert all(wording in text or wording in headings[0].text for wording in long)


def test_a_row_without_a_question_goes_on_with_the_entry_above():
    text, headings = entries(["Q", "A"], [["q?", "one"], ["", "two"]])
    assert text == "q?\none\n\ntwo\n\n"
    assert len(headings) == 1


def test_records_say_their_headers():
    assert records(["City", "Limit"], [["Oslo", "1\n2"], ["", ""], ["", "3", "beyond"]]) == [
        "City: Oslo; Limit: 1 2",
        "Limit: 3; beyond",
    ]


@pytest.mark.parametrize(
    ("row", "is_one"),
    [
        (["城市", "限额"], True),
        (["a", "b", ""], True),
        (["a", "1"], False),
        (["a", "a"], False),
        (["a"], False),
    ],
)
def test_a_header_names_each_column_once_in_letters(row, is_one):
    assert is_header([row]) is is_one
