import pytest

from rag.support import support

ABROAD = "You may work from another country for up to 20 working days in a calendar year."
ROW = "| after probation, grade 6 and above | 3 months |"


def test_the_quote_itself_is_fully_supported() -> None:
    assert support(ABROAD, ABROAD) == 1.0
    assert support(ABROAD.replace(" ", "\n"), ABROAD) == 1.0


@pytest.mark.parametrize(
    ("claim", "quote", "context"),
    [
        ("You may work abroad for 20 working days.", ABROAD, ""),
        ("每年可以在国外工作20天。", ABROAD, ""),
        ("The notice period is three months after probation.", ROW, "Notice period"),
        ("通知期为三个月。", ROW, "Notice period"),
        ("Valid from 1 January 2026.", "2026年1月1日起生效。", ""),
        ("The daily allowance in China is ¥360.", "| China | ¥360 |", "Daily allowance destination a day"),
        ("The price is 1480 yuan.", "单价 ¥1,480.00", ""),
        ("In 2026 100 people came.", "100 people came in 2026.", ""),
        ("工厂在哪一年建成2017年", "工厂建成于2017年", ""),
    ],
)
def test_a_faithful_claim_is_supported(claim: str, quote: str, context: str) -> None:
    assert support(claim, quote, context) >= 0.6


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("You may work abroad for 25 working days.", ABROAD),
        ("You may work abroad for 20 hours.", ABROAD),
        ("You may not work from another country.", ABROAD),
        ("每年可以在国外工作20小时。", ABROAD),
        ("Employees receive a yacht.", "Your manager approves every journey."),
        ("Ask Marta Klein for approval of every journey.", "Your manager approves every journey."),
        ("The notice period is four months.", ROW),
        ("员工可以带宠物上班。", "员工不可以带宠物上班。"),
        ("自2025年1月1日起生效。", "自2026年1月1日起生效。"),
    ],
)
def test_a_changed_number_unit_name_or_negation_is_not(claim: str, quote: str) -> None:
    assert support(claim, quote) < 0.4


def test_across_languages_without_anything_to_compare_nothing_is_claimed() -> None:
    assert support("员工可以带宠物上班。", "Employees may bring pets to work.") == 0.5


def test_words_that_only_look_like_negations_are_none() -> None:
    assert support("支架用不锈钢制成，非常结实。", "支架用不锈钢制成，非常结实，不同尺寸。") > 0.6


def test_a_unit_is_found_behind_a_letter_that_grows_when_written_small() -> None:
    assert support("İİİ: the limit is 5 GB", "İİİ: a limit of 5 kg") < 0.5


@pytest.mark.parametrize("text", ["1 " * 50_000, "一" * 100_000, "3天" * 50_000])
def test_a_hostile_quote_is_read_in_time_that_grows_with_its_length(text: str) -> None:
    assert support("5 GB", text) < 0.5
