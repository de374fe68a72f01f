from rag.catalog.sketch import empty
from rag.facets import facets
from rag.query import analyse
from rag.types import Message, Principal, Question


def asked(text: str, *turns: tuple[str, str]) -> Question:
    history = tuple(Message(role, said) for role, said in turns)
    return Question(text, Principal("default"), "en", history)


def test_a_first_question_is_searched_once() -> None:
    (only,) = facets(asked("How many days?"))
    assert (only.text, only.weight, only.is_whole) == ("How many days?", 1.0, True)


def test_a_follow_up_is_searched_alone_with_what_was_asked_before_and_by_the_last_answer() -> None:
    turns = (("user", "a"), ("assistant", "x"), ("user", "b"), ("assistant", "y"), ("user", "c"))
    found = facets(asked("and now?", *turns))
    assert [facet.text for facet in found] == ["and now?", "b c and now?", "y"]
    assert [facet.is_whole for facet in found] == [False, True, False]


def test_exactly_one_facet_says_what_is_asked() -> None:
    for turns in ((), (("assistant", "hello"),), (("user", "a"),), (("user", " "), ("assistant", " "))):
        assert sum(facet.is_whole for facet in facets(asked("年假几天？", *turns))) == 1


def test_of_a_long_answer_only_the_beginning_is_searched() -> None:
    found = facets(asked("and?", ("user", "a"), ("assistant", "long " * 1000)))
    assert len(found[-1].text) == 1000


def test_after_long_questions_the_last_one_is_still_searched() -> None:
    page = " ".join(f"word{i}" for i in range(200))
    for question in ("How is the parental leave paid?", "育儿假的工资怎么算？"):
        whole = facets(asked(question, ("user", page)))[1]
        assert whole.is_whole
        assert set(analyse(question, empty()).terms) <= set(analyse(whole.text, empty()).terms)


def test_a_translation_counts_as_much_as_it_says_of_the_question() -> None:
    found = facets(asked("年假几天？"), "annual leave", 0.5)[-1]
    assert (found.text, found.weight, found.language) == ("annual leave", 0.5, "en")
