from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import plain, sentences


def units(text: str) -> list[tuple[str, str]]:
    return [(unit.kind, text[unit.start : unit.end]) for unit in sentences(text)]


def test_english_sentences_end_at_stops_but_not_at_abbreviations_or_decimals() -> None:
    text = "Dr. Smith pays 3.5 % at 5 p.m. The U.S. office, e.g. Leeds, pays 42. See No. 7! Is it so? Yes."
    assert [s for _, s in units(text)] == [
        "Dr. Smith pays 3.5 % at 5 p.m.",
        "The U.S. office, e.g. Leeds, pays 42.",
        "See No. 7!",
        "Is it so?",
        "Yes.",
    ]


def test_chinese_sentences_end_without_a_space() -> None:
    assert [s for _, s in units("试用期为3.5个月。逾期不候！“可以吗？”他问。")] == [
        "试用期为3.5个月。",
        "逾期不候！",
        "“可以吗？”",
        "他问。",
    ]


def test_a_wrapped_paragraph_is_one_text_and_a_blank_line_ends_it() -> None:
    assert units("One sentence\nover two lines. Next\n\nother paragraph goes here.") == [
        ("prose", "One sentence\nover two lines."),
        ("prose", "Next"),
        ("prose", "other paragraph goes here."),
    ]


def test_headings_items_rows_and_code_are_units_of_their_own() -> None:
    text = (
        "# Title\n- first item\n  goes on\n2. second. Two.\n（一）第三项\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx. Y\n\n# no\n```\n"
    )
    assert units(text) == [
        ("heading", "Title"),
        ("item", "first item\n  goes on"),
        ("item", "second."),
        ("item", "Two."),
        ("item", "第三项"),
        ("header", "| a | b |"),
        ("row", "| 1 | 2 |"),
        ("code", "```py\nx. Y\n\n# no\n```"),
    ]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        (
            "It ends here.\nLimits and alarms\nEach journey can have an upper and a lower limit.",
            "Limits and alarms",
        ),
        ("规定见上。\n出差审批\n出差前在报销系统里填写出差申请，写明事由。", "出差审批"),
    ],
)
def test_a_short_line_between_sentences_is_a_heading(text: str, heading: str) -> None:
    assert ("heading", heading) in units(text)


@pytest.mark.parametrize(
    "text",
    [
        "The desk is open on Monday\nand on Tuesday from nine in the morning to noon.",
        "Ask one of these people, who\nHelp desk staff\nKnow well and can help you at once, all day.",
        "It ends here.\nShort line\nagain short.",
    ],
)
def test_a_wrapped_line_is_no_heading(text: str) -> None:
    assert all(kind == "prose" for kind, _ in units(text))


@given(st.text(alphabet="ab .!?。，\n#-|`*1[]()<>“中文", max_size=200))
def test_units_stand_in_order_and_lose_nothing_but_marks(text: str) -> None:
    found = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    held = "".join(text[unit.start : unit.end] for unit in found)
    assert [c for c in held if c.isalpha()] == [c for c in text if c.isalpha()]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**Bold** and _soft_ `code_x` ~~old~~ snake_case 2*3", "Bold and soft code_x old snake_case 2*3"),
        ("see [the policy](https://x.example/a(b)c) or [it][ref]", "see the policy or it"),
        ("[![alt](i.png)](https://x.example) end", "end"),
        ("a<br>b <b>c</b> <!-- d -->e x < y", "a b c e x < y"),
        ("## Heading\n> quoted\ntext", "Heading quoted text"),
        ("AT&amp;T [3] note[^1]", "AT&T (3) note"),
        ("这是一个\n很长的句子", "这是一个很长的句子"),
    ],
)
def test_markdown_becomes_reading_text(markdown: str, text: str) -> None:
    assert plain(markdown) == text


def test_the_mark_of_an_item_in_a_quotation_is_left_outside() -> None:
    text = "> - Bring your badge.\n> 1. 带上工牌。"
    assert [text[one.start : one.end] for one in sentences(text)] == ["Bring your badge.", "带上工牌。"]


def test_a_line_that_is_nearly_the_rule_of_a_table_is_read_at_any_length() -> None:
    text = "|" + "-:|" * 40_000 + "x"
    assert [one.kind for one in sentences(text)] == ["row"]


@pytest.mark.parametrize(
    ("answer", "below"),
    [
        ("The guarantee is 24 months.", "Id: K01; Kind: guarantee"),
        ("自签收之日起保修 24 个月。", "编号: K01; 类别: 保修"),
    ],
)
def test_what_further_columns_say_of_an_entry_is_a_row_of_its_own(answer: str, below: str) -> None:
    text = f"{answer}\n{below}"
    assert [(text[one.start : one.end], one.kind) for one in sentences(text)] == [
        (answer, "prose"),
        (below, "row"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Note: bring a badge; otherwise: wait.",
        "All of it is said.\nNote: bring a badge; otherwise: wait at the desk.",
        "Note: bring a badge; otherwise: wait\nand somebody will come.",
    ],
)
def test_running_text_with_colons_is_no_row(text: str) -> None:
    assert {one.kind for one in sentences(text)} == {"prose"}
