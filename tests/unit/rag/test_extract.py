import pytest

from rag.extract import Extract, best_sentences, extract, otherwise
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


SICK = "You certify yourself for up to seven calendar days when you are ill."
OTHER_SICK = "You certify yourself for up to five calendar days when you are ill, with a form."


def passage(text: str, document: str = "d1", heading: str = "", *, whole: str = "") -> Passage:
    whole = whole or text
    start = whole.index(text)
    hit = Hit(document, document, document, document, None, heading, start, start + len(text), text, 1.0)
    return Passage(hit, whole)


def answer(question: str, *passages: Passage, language: Language = "en") -> str:
    return text_of(extract(question, passages, language), *passages)


def text_of(made: Extract, *passages: Passage) -> str:
    """The answer's text, after checking that every quote stands in the stored text."""
    stored = {found.hit.version: found.whole for found in passages}
    for statement in made.statements:
        for proof in statement.proofs:
            assert stored[proof.hit.version][proof.start : proof.end] == proof.quote
            assert proof.hit.start <= proof.start < proof.end <= proof.hit.end
    return "".join(statement.text for statement in made.statements)


def test_the_sentence_that_answers_comes_first_and_what_follows_with_it() -> None:
    text = answer("How do I pair a logger?", passage(FAQ))
    assert text == (
        'Hold the button for three seconds until the light is green. Then choose "Add logger" in the app.'
    )


def test_a_table_row_is_told_in_words_and_quoted_as_it_stands() -> None:
    found = [passage(POLICY, heading="Daily allowance")]
    statements = extract("What is the daily allowance in China?", found, "en").statements
    assert [s.text for s in statements] == ["destination: China; allowance a day: ¥360"]
    assert statements[0].proofs[0].quote == "| China | ¥360 |"


def test_what_stands_before_the_best_sentence_fills_the_room_that_is_left() -> None:
    text = "Ask for a loan laptop at the desk. Bring the badge. Kayaks are kept in the yard."
    assert answer("Where are the kayaks kept?", passage(text)) == text


def test_an_answer_goes_on_beyond_its_passage_but_not_into_the_next_section() -> None:
    whole = "The kayak stands in the yard.\n\nIts key hangs in the kitchen.\n\n## Bicycles\n\nThere are two."
    first = passage("The kayak stands in the yard.\n\n", whole=whole)
    assert answer("Where is the kayak?", first) == (
        "The kayak stands in the yard. Its key hangs in the kitchen."
    )


def test_a_table_under_the_same_heading_is_shown_when_its_columns_are_asked_for() -> None:
    text = answer("Is there an allowance for meals?", passage(POLICY, heading="Daily allowance"))
    assert text.startswith(
        "The allowance pays for meals and small costs. It needs no receipts.\n- destination"
    )


def test_the_sentence_that_need_not_name_the_subject_of_its_document_is_found() -> None:
    text = (
        "燕鸥记录仪是一种温度记录仪，由利兹公司设计。它在苏州生产，工厂建于2017年。燕鸥记录仪的外壳是蓝色的。"
    )
    best = best_sentences("燕鸥记录仪在哪里生产？", [passage(text)], "zh")
    assert best[0] == "它在苏州生产，工厂建于2017年。"


def test_a_chinese_answer_is_short() -> None:
    text = answer("工资哪天发放？", passage(CHINESE * 6), language="zh")
    assert "工资每月10日发放" in text
    assert len(text) <= 200


@pytest.mark.parametrize(
    ("language", "lead", "line"),
    [
        ("en", "Two documents disagree:", "\n- a (2026): " + SICK),
        ("zh", "两份文档说法不一：", "\n- a（2026）：" + SICK),
    ],
)
def test_two_documents_that_disagree_are_both_quoted_with_their_dates(
    language: Language, lead: str, line: str
) -> None:
    first = passage(SICK, "a", whole="Valid since 2026-01.\n\n" + SICK)
    second = passage(OTHER_SICK, "b", whole="Updated on 2 March 2025.\n\n" + OTHER_SICK)
    made = extract("For how many calendar days may I certify myself?", [first, second], language)
    text = text_of(made, first, second)
    assert text.startswith(lead + line.replace("2026", "2026-01"))
    assert "2025-03-02" in text
    assert [proof.hit.document for s in made.statements for proof in s.proofs] == ["a", "b"]
    assert made.contradiction is not None


def test_an_answer_that_cites_one_of_two_documents_is_told_of_the_other() -> None:
    found = [passage(SICK, "a"), passage(OTHER_SICK, "b")]
    contradiction = extract("For how many calendar days may I certify myself?", found, "en").contradiction
    assert contradiction is not None
    added = otherwise(contradiction, ["a"], "en")
    assert "".join(s.text for s in added) == f"\n\nAnother document says otherwise:\n- b: {OTHER_SICK}"
    assert added[1].proofs[0].hit.document == "b"
    assert otherwise(contradiction, ["a", "b"], "en") == []
    assert otherwise(contradiction, ["c"], "en") == []


@pytest.mark.parametrize(
    ("question", "allowance"),
    [
        ("What is the daily allowance in China?", "¥360"),
        ("What was the daily allowance in China in 2025?", "¥320"),
    ],
)
def test_of_two_editions_the_newest_answers_unless_a_year_is_asked_for(question: str, allowance: str) -> None:
    old = passage(POLICY.replace("¥360", "¥320"), "travel-2025.md", "Daily allowance")
    new = passage(POLICY, "travel-2026.md", "Daily allowance")
    made = extract(question, [old, new], "en")
    assert text_of(made, old, new) == f"destination: China; allowance a day: {allowance}"
    assert made.contradiction is None


def test_two_documents_that_say_the_same_are_cited_once() -> None:
    twice = [passage(POLICY, "a", "Daily allowance"), passage(POLICY, "b", "Daily allowance")]
    assert len(extract("What is the daily allowance in China?", twice, "en").statements) == 1


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    text = "The office has a kitchen and a meeting room.\n\nThe kayak stands in the yard."
    question = "Is there a kayak in the office kitchen?"
    weights = {"kayak": 9.0, "offic": 0.1, "kitchen": 0.1}
    assert best_sentences(question, [passage(text)], "en", weights)[0].startswith("The kayak")


@pytest.mark.parametrize("text", ["", "\n\n", "---\n"])
def test_without_a_sentence_there_is_no_answer(text: str) -> None:
    assert extract("Anything?", [passage(text)] if text else [], "en") == Extract()


def test_an_answer_never_grows_beyond_its_limit() -> None:
    long = " ".join(f"The logger number {i} keeps readings for some days." for i in range(200))
    two = [passage(long), passage(long, "d2")]
    assert 500 < len(answer("How many days does the logger keep readings?", *two)) <= 600


def test_links_and_images_are_left_out_of_claims() -> None:
    text = "Book trains at [the desk](https://x.example/desk) ![map](m.png) before you leave for the journey."
    statement = extract("Where do I book trains?", [passage(text)], "en").statements[0]
    assert statement.text == "Book trains at the desk before you leave for the journey."
    assert "x.example" not in statement.proofs[0].quote


def test_a_last_line_that_shows_nothing_does_not_take_the_citation_with_it() -> None:
    text = "Cloud supports the same code hosts as your own server.\n<br>\n![map](m.png)\n"
    made = extract("Which code hosts does Cloud support?", [passage(text)], "en").statements
    assert made[-1].marked
    assert made[-1].text.strip() == "Cloud supports the same code hosts as your own server."


def test_a_question_in_bold_is_no_answer() -> None:
    text = "**How long does the approval of a journey take?**\n\nIt takes three working days."
    assert (
        answer("How long does the approval of a journey take?", passage(text))
        == "It takes three working days."
    )


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_code_is_shown_without_its_fences(fence: str) -> None:
    text = f"Settings.\n\n{fence}toml\nmax_connections = 500 # of the server\n{fence}\n"
    made = extract("max_connections of the server", [passage(text)], "en")
    assert text_of(made, passage(text)).endswith("max_connections = 500 # of the server")
    assert not any("toml" in proof.quote for one in made.statements for proof in one.proofs)


def test_every_row_of_a_table_is_read_under_its_header() -> None:
    rows = "".join(f"| place {i} | {i} days |\n" for i in range(40))
    text = f"| destination | waiting period |\n|---|---|\n{rows}"
    below = passage(text[text.index("| place 20") :], whole=text)
    found = extract("What is the waiting period for destination place 33?", [below], "en")
    assert text_of(found, below) == "destination: place 33; waiting period: 33 days"


PRICES = """Prices without tax. The volume price holds from 50 pieces in one order.

SKU: K1; Item: kayak, two seats; Unit price: £640.00; From 50 pieces: £570.00
SKU: P1; Item: paddle; Unit price: £64.00; From 50 pieces: £57.00
"""
CHINESE_PRICES = """批量价适用于一次订购 50 台以上。

料号: K1; 品名: 双人皮划艇; 单价: ¥6,400; 批量价: ¥5,700
料号: P1; 品名: 船桨; 单价: ¥640; 批量价: ¥570
"""


@pytest.mark.parametrize(
    ("question", "text", "language", "said"),
    [
        ("What would a kayak cost in one volume order?", PRICES, "en", "£640.00"),
        ("一次订购皮划艇多少钱？", CHINESE_PRICES, "zh", "¥6,400"),
    ],
)
def test_who_asks_what_a_thing_costs_gets_the_row_with_its_price(
    question: str, text: str, language: Language, said: str
) -> None:
    assert said in answer(question, passage(text), language=language)


def test_a_price_is_wanted_before_any_other_number() -> None:
    text = "The kayak seats 2 and weighs 31 kg. The kayak goes for £640 with paddles."
    best, _ = best_sentences("What is the price of the kayak?", [passage(text)], "en")
    assert "£640" in best
