from itertools import pairwise

import pytest

from rag.quantities import quantities


def found(text: str) -> list[tuple[str, tuple[float, ...]]]:
    return [(quantity.kind, quantity.values) for quantity in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Report it within 4 hours.", [("hours", (4,))]),
        ("保修 24 个月，逾期不候。", [("hours", (17532,))]),
        ("two weeks, 两周", [("hours", (336,)), ("hours", (336,))]),
        ("within five to eight working days", [("hours", (120, 192))]),
        ("£1,500 or 40 % of $20k", [("£", (1500,)), ("percent", (40,)), ("$", (20_000,))]),
        ("between $30-$100", [("$", (30, 100))]),
        ("每天 130 元，共 18 台", [("¥", (130,)), ("count of 台", (18,))]),
        ("valid from 12 May 2026", [("date", (2026, 5, 12))]),
        ("2026 年 6 月 18 日更新", [("date", (2026, 6, 18))]),
        ("Edition of April 2026", [("date", (2026, 4, 0))]),
        ("paid on the 26th of each month; 每月10日发放", [("day of month", (26,)), ("day of month", (10,))]),
        ("core hours, 10:00 to 15:30, or 5 pm", [("clock", (600,)), ("clock", (930,)), ("clock", (1020,))]),
        ("at least 14 characters", [("count of charact", (14,))]),
    ],
)
def test_a_number_with_a_unit_is_a_quantity(text: str, expected: list[tuple[str, tuple[float, ...]]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "extension 4499",
        "firmware 3.4.0",
        "the T40",
        "see section 7.",
        "error 691",
        "logger number 3 keeps it",
        "Step 2 takes long",
        "37 minutes longer",
        "第三条",
    ],
)
def test_codes_versions_and_comparisons_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        ("4 hours", "24 hours", True),
        ("1 day", "24 hours", False),
        ("30 days", "one month, 1 month", False),
        ("12 months", "1 year", False),
        ("two to five days", "3 days", False),
        ("$30", "£42", False),
        ("12 May 2026", "12 May", False),
        ("12 May 2026", "2026年6月12日", True),
        ("36 months", "24 个月", True),
    ],
)
def test_quantities_differ_when_they_cannot_both_be_right(first: str, second: str, differs: bool) -> None:
    assert quantities(first)[0].differs(quantities(second)[0]) is differs


@pytest.mark.parametrize("text", ["2026-13-01", "2026-00-10", "2026-02-99", "45 May"])
def test_what_no_calendar_has_is_no_date(text: str) -> None:
    assert [kind for kind, _ in found(text) if kind == "date"] == []


@pytest.mark.parametrize("text", ["一" * 100_000, "3 days " * 15_000, "2026-01-01 " * 10_000])
def test_a_hostile_text_is_read_in_time_that_grows_with_its_length(text: str) -> None:
    assert all(one.end <= other.start for one, other in pairwise(quantities(text)))
