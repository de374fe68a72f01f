import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli import layout


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mx", "31mx"),
        ("a\x00b\x08c\x7f", "abc"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("abc\u202edef", "abcdef"),
        ("年假🙂", "年假🙂"),
    ],
)
def test_nothing_that_a_terminal_obeys_is_left(text: str, clean: str) -> None:
    assert layout.clean(text) == clean


@given(st.text())
def test_cleaned_text_has_no_controls(text: str) -> None:
    cleaned = layout.clean(text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in cleaned)
    assert "\x7f" not in cleaned
    assert "\x9b" not in cleaned


def test_chinese_takes_two_columns() -> None:
    assert layout.columns("年假 ab") == 7
    assert layout.columns("e\u0301") == 1


@pytest.mark.parametrize("text", ["short", "员工手册员工手册员工手册", "abc员工手册def"])
def test_a_cell_is_exactly_as_wide_as_asked(text: str) -> None:
    assert layout.columns(layout.fit(text, 9)) == 9


def test_lines_fit_the_terminal_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "员工每年享有十五天带薪年假，需提前两周申请。" * 3 + " and some English words between them " * 2
    lines = layout.wrap(text, indent="    ").split("\n")
    # One mark that may not begin a line is allowed to hang over.
    assert all(layout.columns(line) <= 42 for line in lines)
    assert all(line.startswith("    ") for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_no_line_begins_with_a_closing_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    for line in layout.wrap("一二三四五六七八九十一二，三四五六七八九十一二三四。五", "").split("\n"):
        assert line[0] not in "，。"


def test_a_table_aligns_mixed_widths() -> None:
    lines = list(layout.table([("id", "题"), ("年假", "x")], most=(10, 10)))
    assert lines == ["id    题", "年假  x"]
