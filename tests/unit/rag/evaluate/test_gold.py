"""Golds in stored texts that may have changed since the questions were written."""

from typing import Any

from rag.evaluate.gold import Stored, find, needed
from rag.evaluate.types import Case, Gold, Place
from rag.types import Document

LEAVE = "# Leave\n\nEvery employee has 25 days of annual leave a year.\n\nIt cannot be paid out.\n"
CHINESE = "# 年假\n\n员工每年享有十五天带薪年假，需提前两周申请。\n"
STORED = [
    Stored("hr/leave.md", "hr", LEAVE),
    Stored("年假.md", "hr", CHINESE),
    Stored("hr/leave.md", "old", "25"),
]


def case(*gold: Gold, **more: Any) -> Case:
    return Case("a", "Q", "q.csv:1", gold=gold, **more)


def texts(found: tuple[Place, ...]) -> list[str]:
    by_place = {(one.source, one.collection): one.text for one in STORED}
    return [by_place[one.source, one.collection][one.start : one.end] for one in found]


def test_a_gold_is_where_its_offsets_say_if_it_stands_there() -> None:
    start = LEAVE.index("25 days")
    found = find(case(Gold("docs/hr/leave.md", "25 days", start, start + 7)), STORED)
    assert found.places == (Place("hr/leave.md", start, start + 7, "hr"),)
    assert found.note == ""


def test_a_moved_gold_is_found_nearest_to_its_old_place() -> None:
    stored = [Stored("a.md", "c", "ten days. " * 5)]
    found = find(case(Gold("a.md", "ten days", 21, 29)), stored)
    assert found.places == (Place("a.md", 20, 28, "c"),)


def test_offsets_beyond_the_end_of_a_document_are_said_and_give_no_place() -> None:
    for start, end in ((len(LEAVE) - 2, len(LEAVE) + 2), (9_000, 9_004)):
        found = find(case(Gold("leave.md", "", start, end), collection="hr"), STORED)
        assert (found.places, found.note) == ((), "gold not found in leave.md")


def test_white_space_and_width_may_differ() -> None:
    english = find(case(Gold("leave.md", "25 days\nof  annual leave")), STORED)
    chinese = find(case(Gold("年假.md", "十五天带薪年假,需提前")), STORED)
    assert texts(english.places) == ["25 days of annual leave"]
    assert texts(chinese.places) == ["十五天带薪年假，需提前"]


def test_a_gold_that_is_gone_is_said_and_gives_no_place() -> None:
    found = find(case(Gold("hr/leave.md", "30 days of annual leave")), STORED)
    assert (found.places, found.note) == ((), "gold not found in hr/leave.md")


def test_a_document_that_is_gone_is_said() -> None:
    assert find(case(Gold("hr/gone.md", "25 days")), STORED).note == "no document hr/gone.md"


def test_where_all_golds_are_needed_one_that_is_gone_leaves_none() -> None:
    golds = (Gold("leave.md", "25 days of annual"), Gold("leave.md", "30 days of annual"))
    assert find(case(*golds, need="all"), STORED).places == ()
    assert len(find(case(*golds, need="any"), STORED).places) == 1


def test_only_documents_of_the_questions_collection_count() -> None:
    gold = Gold("hr/leave.md", "25")
    assert [one.collection for one in find(case(gold, collection="old"), STORED).places] == ["old"]
    assert {one.collection for one in find(case(gold), STORED).places} == {"old", "hr"}


def test_a_file_name_is_no_end_of_another() -> None:
    assert find(case(Gold("eave.md", "25 days of")), STORED).note == "no document eave.md"


def test_an_answer_that_stands_in_a_document_is_its_own_gold() -> None:
    found = find(case(answer="Every employee has 25 days  of annual leave"), STORED)
    assert texts(found.places) == ["Every employee has 25 days of annual leave"]
    chinese = find(case(answer="员工每年享有十五天带薪年假"), STORED)
    assert texts(chinese.places) == ["员工每年享有十五天带薪年假"]


def test_a_short_answer_stands_anywhere_and_proves_nothing() -> None:
    assert find(case(answer="25 days"), STORED).places == ()


def test_a_file_alone_is_a_gold_by_the_answers_words() -> None:
    found = find(case(Gold("leave.md", ""), answer="Every employee has 25 days"), STORED)
    assert texts(found.places) == ["Every employee has 25 days"]
    other = find(case(Gold("leave.md", ""), answer="Twenty-five days for every employee"), STORED)
    assert other.places == ()
    assert "only the file is measured" in other.note


def test_what_has_no_answer_has_no_gold() -> None:
    assert find(case(answer="Every employee has 25 days", answerable=False), STORED).places == ()


def test_texts_are_read_only_of_documents_that_are_named() -> None:
    documents = [Document(s, s, s, "", "c", 1, 1, "ok") for s in ("hr/leave.md", "it/vpn.md")]
    assert [one.source for one in needed([case(Gold("docs/it/vpn.md", "x"))], documents)] == ["it/vpn.md"]
    assert needed([case(Gold("", "x"))], documents) == documents
    assert needed([case(answer="Every employee has 25 days")], documents) == documents
