"""How much a question in the words of the other language counts."""

import numpy as np
import pytest

from rag.catalog.chunks import Passage
from rag.catalog.sketch import empty
from rag.embedders.hashing import connect
from rag.facets import Facet, Search
from rag.features import extract
from rag.looks import FirstLook
from rag.settings import Settings
from rag.weights import Weights

EMBEDDER = connect("", Settings())
ENGLISH = "Every employee has 25 days of annual leave a year."
CHINESE = "员工每年享有十五天带薪年假，需提前两周申请。"
PARKING = "The car park opens at seven."
MENU = "食堂早餐七点开始。"


def counts(question: str, translation: Facet, *texts: str) -> list[float]:
    return list(look(question, translation, *texts).counts)


def look(question: str, translation: Facet, *texts: str) -> FirstLook:
    features = [extract(text) for text in texts]
    sketch = empty().changed(features, [])
    found = [Search(one, sketch, EMBEDDER, None) for one in (Facet(question, is_whole=True), translation)]
    read = [
        Passage(i, f"v{i}", 0, 0, 1, None, (), one, EMBEDDER.passages([text])[0])
        for i, (one, text) in enumerate(zip(features, texts, strict=True))
    ]
    languages = ["en" if text.isascii() else "zh" for text in texts]
    return FirstLook.at(found, read, sketch, Weights(), languages)


def test_a_translation_counts_where_only_the_other_language_has_the_answer() -> None:
    own, other = counts("年假有几天？", Facet("annual leave days", language="en"), ENGLISH, PARKING, MENU)
    assert own == 1.0
    assert other > 0.5


@pytest.mark.parametrize(
    ("question", "translation", "first"),
    [
        ("员工每年有几天年假？", Facet("employee annual leave days", language="en"), CHINESE),
        ("How many days of annual leave?", Facet("年假 天", language="zh"), ENGLISH),
    ],
)
def test_the_own_language_stays_first_where_it_has_the_answer(
    question: str, translation: Facet, first: str
) -> None:
    texts = (PARKING, ENGLISH, MENU, CHINESE)
    assert texts[look(question, translation, *texts).order[0]] == first


def test_a_translation_counts_nothing_where_no_document_is_in_its_language() -> None:
    assert counts("年假有几天？", Facet("annual leave days", language="en"), CHINESE, MENU)[1] == 0.0


def test_the_fewer_passages_the_other_language_has_the_less_it_counts() -> None:
    few = counts("年假有几天？", Facet("annual leave", language="en"), ENGLISH, *[MENU] * 9)[1]
    many = counts("年假有几天？", Facet("annual leave", language="en"), ENGLISH, PARKING, MENU)[1]
    assert 0 < few < many


def test_nothing_to_rank_is_ranked_all_the_same() -> None:
    found = [Search(Facet("leave", is_whole=True), empty(), EMBEDDER, None)]
    assert np.array_equal(FirstLook.at(found, [], empty(), Weights()).order, [])


def test_the_less_of_the_question_a_translation_says_the_less_it_counts() -> None:
    whole, part, little = (
        counts("年假有几天？", Facet("annual leave", said, language="en"), ENGLISH, PARKING, MENU)[1]
        for said in (1.0, 0.5, 0.0)
    )
    assert whole >= part >= little == 0.0
    texts = (ENGLISH, CHINESE)  # its own language holds some of the words
    whole, part = (
        counts("年假能留到几时失效呢？", Facet("annual leave", said, language="en"), *texts)[1]
        for said in (1.0, 0.5)
    )
    assert whole > part
