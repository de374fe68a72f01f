from rag.duplicates import distinct
from rag.features import extract

RULE = "Claims for meals and hotels are sent within 30 days of the return, with every receipt, to finance."


def kept(*texts: str) -> list[int]:
    features = dict(enumerate(extract(text) for text in texts))
    return distinct(range(len(texts)), features, dict(enumerate(texts)))


def test_a_passage_that_repeats_an_earlier_one_is_left_out() -> None:
    assert kept(RULE, "Something else about parking.", RULE) == [0, 1]


def test_markup_and_spacing_make_no_difference() -> None:
    assert kept(
        RULE,
        "**Claims** for meals  and hotels are sent within 30 days of the return, with every "
        "receipt, to finance.",
    ) == [0]


def test_another_figure_makes_another_passage() -> None:
    assert kept(RULE, RULE.replace("30", "60")) == [0, 1]


def test_chinese_passages_repeat_as_well() -> None:
    text = "出差报销单须在返回后30天内连同全部票据一并交到财务部。"
    assert kept(text, text, text.replace("30", "60")) == [0, 2]


def test_the_order_stays() -> None:
    features = {i: extract(text) for i, text in enumerate(("one", "two", "three"))}
    assert distinct([2, 0, 1], features, {0: "one", 1: "two", 2: "three"}) == [2, 0, 1]


def test_empty_passages_are_never_the_same() -> None:
    assert kept("", "") == [0, 1]
