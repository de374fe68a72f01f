import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cite import best_quote, check, heading_at, prove, quotable, unmark
from rag.pack import Passage
from rag.tables import header_of
from rag.types import Hit

TEXT = (
    "## Daily allowance\n\nThe allowance pays for meals and small costs. It needs no\nreceipts.\n\n"
    "| destination | allowance a day |\n|---|---|\n| China | ¥360 |\n"
)


def passage(text: str = TEXT, start: int = 0) -> Passage:
    hit = Hit(
        "d1",
        "v1",
        "policy.md",
        "Travel policy 2026",
        None,
        "Daily allowance",
        start,
        len(text),
        text[start:],
        1.0,
    )
    return Passage(hit, text)


def test_a_quote_is_proved_where_it_stands() -> None:
    assert prove("pays for meals", TEXT) == (TEXT.index("pays"), TEXT.index("pays") + 14, "verified")


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("needs no receipts", "It needs  no\n receipts."),
        ("试用期为 3 个月", "试用期为３个\n月，"),
        ("the 'blue' – card", "the ‘blue’ — card"),
        ("co\u00adoperate with", "cooperate with"),
        ("cafe\u0301 au lait", "café au lait"),
    ],
)
def test_white_space_width_quotation_marks_and_dashes_are_folded(quote: str, text: str) -> None:
    found = prove(quote, text)
    assert found is not None
    start, end, status = found
    assert status == "normalized"
    assert text[start:end].strip() == text[start:end]


@pytest.mark.parametrize(
    "quote", ["The allowance pays ... receipts", "allowance pays for wine", "pays", "receipts. | China", ""]
)
def test_a_changed_stitched_or_tiny_quote_is_not_proved(quote: str) -> None:
    assert prove(quote, TEXT) is None


@given(
    st.text(alphabet="ab 中文，“”\"' \n１1é—-\u200b", min_size=8, max_size=80),
    st.integers(0, 40),
    st.integers(8, 40),
)
def test_every_slice_of_a_text_is_proved_as_itself(text: str, start: int, length: int) -> None:
    quote = text[start : start + length].strip()
    if len(quote) >= 8:
        found = prove(quote, text)
        assert found is not None
        assert text[found[0] : found[1]] == quote
        assert found[2] == "verified"


@given(st.text(alphabet="abc 中文，“”'\n１1", min_size=12, max_size=80))
def test_what_was_proved_after_folding_folds_to_the_same(text: str) -> None:
    quote = " ".join(text.split()).replace("“", '"').replace("”", '"').replace("１", "1")
    found = prove(quote, text)
    if len(quote) >= 8:
        assert found is not None


@pytest.mark.parametrize(
    ("text", "body", "numbers"),
    [
        ("Yes [1].", "Yes.", (1,)),
        ("是的。【2】", "是的。", (2,)),
        ("Both [1, 3][^2] here", "Both here", (1, 3, 2)),
        ("range [1-3]", "range", (1, 2, 3)),
        ("a [4†source]", "a", (4,)),
        ("[ ] todo [x] [note]", "[ ] todo [x] [note]", ()),
    ],
)
def test_markers_are_read_in_all_their_spellings(text: str, body: str, numbers: tuple[int, ...]) -> None:
    assert unmark(text) == (body, numbers)


def test_a_marked_sentence_gets_the_best_sentence_of_its_passage_as_quote() -> None:
    statement = check("You get ¥360 a day in China [1].", [passage()], "How much?")
    assert statement is not None
    assert statement.text == "You get ¥360 a day in China."
    assert [proof.quote for proof in statement.proofs] == ["| China | ¥360 |"]
    assert TEXT[statement.proofs[0].start : statement.proofs[0].end] == "| China | ¥360 |"


def test_an_unmarked_sentence_is_cited_when_a_passage_bears_it_out() -> None:
    statement = check("The allowance pays for meals and small costs.", [passage()], "?")
    assert statement is not None
    assert statement.proofs


@pytest.mark.parametrize(
    "sentence",
    [
        'It says "everybody receives a company yacht" [1].',
        "Everybody receives 500 elephants.",
        "Everybody receives ¥999 a day [1].",
        "Everybody receives a yacht [7].",
        "文件规定“每人一艘公司游艇”[1]。",
        " [1] ",
    ],
)
def test_an_invented_quote_number_or_citation_is_not_shown(sentence: str) -> None:
    assert check(sentence, [passage()], "What do I get?") is None


def test_words_of_the_asker_may_stand_between_quotation_marks() -> None:
    statement = check('About "sabbatical leave": ask your manager.', [passage()], "What is sabbatical leave?")
    assert statement is not None
    assert not statement.proofs


def test_a_quote_avoids_links_where_it_can() -> None:
    text = "See [the long travel policy](https://x.example/p) for all the rules about trains."
    start, end = quotable(text, 0, len(text))
    assert text[start:end] == "for all the rules about trains."
    assert quotable("[a](http://x.example/p) b", 0, 25) == (0, 25)


def test_the_header_of_a_row_is_found_even_outside_the_passage() -> None:
    row = TEXT.index("| China")
    assert header_of(TEXT, row) == "| destination | allowance a day |"
    assert header_of("no table\n| a |", 9) == ""
    proof = best_quote("The allowance a day in China is ¥360.", passage(start=row))
    assert proof is not None
    assert proof.support > 0.8


def test_a_citation_names_the_section_its_quote_stands_in() -> None:
    text = "## Meals\n\nTen pounds.\n\n## Hotels\n\nLondon 165.\n\n### Abroad\n\nParis 200.\n"
    hit = Hit("d", "v", "s.md", "T", None, "Policy > Meals", 100, 100 + len(text), text, 1.0)
    assert heading_at(hit, 100 + text.index("Ten")) == "Policy > Meals"
    assert heading_at(hit, 100 + text.index("London")) == "Policy > Hotels"
    assert heading_at(hit, 100 + text.index("Paris")) == "Policy > Hotels > Abroad"


def test_a_quote_keeps_the_fact_even_where_another_stretch_is_longer() -> None:
    text = (
        "1. Before their first day all external contractors fill in [the form](https://x.example/f) "
        "at least 9 working days before."
    )
    start, end = quotable(text, 0, len(text))
    assert text[start:end] == "at least 9 working days before."
