import pytest

from rag.catalog import sketch
from rag.catalog.answers import Given
from rag.embedders.hashing import Hashing
from rag.errors import NotFound
from rag.types import Message
from rag.unanswered import AGAIN, before, find, group, wordings

NEAR = {"source": "hr/leave.md", "title": "Leave", "heading": "Gym", "page": None, "collection": "hr"}


def given(question: str, asked: float, conversation: str = "", **body: object) -> Given:
    return Given(f"{asked}", conversation, asked, question, "not_found", {"nearest": [NEAR]} | body)


def clusters(*asked: Given) -> list:
    return group(wordings([(one, ()) for one in asked]), Hashing(), sketch.empty())


def test_wordings_that_differ_only_in_case_and_marks_are_one_and_are_counted() -> None:
    made = wordings([(given("Is there a GYM?", 1), ()), (given("is there a gym", 2), ())])
    assert [(one.text, one.count, one.last) for one in made] == [("is there a gym", 2, 2)]
    made = wordings([(given("有健身房吗？", 1), ()), (given("有健身房吗?", 2), ())])
    assert [one.count for one in made] == [2]


def test_what_the_system_asked_again_is_no_asking() -> None:
    made = wordings([(given("Is there a gym?", 1), ()), (given("Is there a gym?", 9, AGAIN), ())])
    assert [(one.count, one.last) for one in made] == [(1, 1)]


def test_a_cluster_keeps_its_id_when_others_join() -> None:
    first = given("Is the gym membership paid?", 1)
    (alone,) = clusters(first)
    (joined,) = clusters(first, given("Is gym membership paid?", 2), given("Is gym membership paid?", 3))
    assert joined.id == alone.id
    assert joined.count == 3
    assert joined.wordings[0].text == "Is gym membership paid?"


def test_each_wording_names_its_cluster_too() -> None:
    (made,) = clusters(given("公司股票代码是什么？", 1), given("公司的股票代码是多少？", 2))
    assert [find([made], one.id) for one in made.wordings] == [made, made]
    with pytest.raises(NotFound, match="'nothing'"):
        find([made], "nothing")


def test_a_cluster_tells_the_nearest_places_and_their_collection() -> None:
    (made,) = clusters(given("Is there a gym?", 1))
    assert (made.nearest[0].source, made.nearest[0].heading) == ("hr/leave.md", "Gym")
    assert made.collection == "hr"
    (unknown,) = clusters(given("Is there a gym?", 1, nearest=[]))
    assert (unknown.nearest, unknown.collection) == ((), "")


def test_a_follow_up_comes_with_the_turns_before_it() -> None:
    first = Given("1", "talk", 1, "What is the T40?", "answered", {"text": "A logger."})
    second = given("And its price?", 2, "talk")
    assert before(second, [first, second]) == (
        Message("user", "What is the T40?"),
        Message("assistant", "A logger."),
    )
