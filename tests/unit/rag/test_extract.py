import pytest

from rag.extract import extract
from rag.pack import Passage
from rag.types import Hit, Language

POLICY = """## Daily allowance

The allowance pays for meals and small costs. It needs no receipts.

| destination | allowance a day |
|---|---|
| United Kingdom | £42 |
| China | ¥360 |
"""
FAQ = """## How do I pair a logger?

Hold the button for three seconds until the light is green. Then choose "Add logger" in the app.

## Why are there gaps?

A gap means that no readings have arrived.
"""
CHINESE = "## 工资\n\n工资每月10日发放，遇节假日提前。病假工资按照当地规定支付。请假三天以内由主管批准。"


def passage(text: str, document: str = "d1", heading: str = "") -> Passage:
    return Passage(Hit(document, document, document, document, None, heading, 0, len(text), text, 1.0), text)


def answer(question: str, *passages: Passage, language: Language = "en") -> str:
    statements = extract(question, passages, language)
    for statement in statements:
        for proof in statement.proofs:
            assert proof.hit.text[proof.start : proof.end] == proof.quote
    return "".join(statement.text for statement in statements)


def test_the_sentence_that_answers_comes_first_and_what_follows_with_it() -> None:
    text = answer("How do I pair a logger?", passage(FAQ))
    assert text == (
        'Hold the button for three seconds until the light is green. Then choose "Add logger" in the app.'
    )


def test_a_table_row_is_told_in_words_and_quoted_as_it_stands() -> None:
    statements = extract(
        "What is the daily allowance in China?", [passage(POLICY, heading="Daily allowance")], "en"
    )
    assert [s.text for s in statements] == ["destination: China; allowance a day: ¥360"]
    assert statements[0].proofs[0].quote == "| China | ¥360 |"


def test_a_chinese_answer_is_short() -> None:
    text = answer("工资哪天发放？", passage(CHINESE), language="zh")
    assert text.startswith("工资每月10日发放")
    assert len(text) <= 120


def test_two_documents_that_answer_alike_but_differently_are_both_cited() -> None:
    other = POLICY.replace("¥360", "¥320")
    old, new = passage(other, "old", "Daily allowance"), passage(POLICY, "new", "Daily allowance")
    statements = extract("What is the daily allowance in China?", [new, old], "en")
    assert [s.proofs[0].hit.document for s in statements] == ["new", "old"]
    assert "¥320" in statements[1].text


def test_two_documents_that_say_the_same_are_cited_once() -> None:
    twice = [passage(POLICY, "a", "Daily allowance"), passage(POLICY, "b", "Daily allowance")]
    assert len(extract("What is the daily allowance in China?", twice, "en")) == 1


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    text = "The office has a kitchen and a meeting room.\n\nThe kayak stands in the yard."
    question = "Is there a kayak in the office kitchen?"
    weights = {"kayak": 9.0, "offic": 0.1, "kitchen": 0.1}
    assert extract(question, [passage(text)], "en", weights)[0].text.startswith("The kayak")


@pytest.mark.parametrize("text", ["", "\n\n", "---\n"])
def test_without_a_sentence_there_is_no_answer(text: str) -> None:
    assert extract("Anything?", [passage(text)] if text else [], "en") == ()


def test_an_answer_never_grows_beyond_its_limit() -> None:
    long = " ".join(f"The logger number {i} keeps readings for some days." for i in range(200))
    assert (
        len(answer("How many days does the logger keep readings?", passage(long), passage(long, "d2"))) <= 950
    )


def test_links_and_images_are_left_out_of_claims() -> None:
    text = "Book trains at [the desk](https://x.example/desk) ![map](m.png) before you leave for the journey."
    statement = extract("Where do I book trains?", [passage(text)], "en")[0]
    assert statement.text == "Book trains at the desk before you leave for the journey."
    assert "x.example" not in statement.proofs[0].quote
