import pytest

from rag.types import Hit, Message
from rag.unclear import ask_back, choices, is_empty, is_unclear

TALK = (Message("user", "Which app do we use for expenses?"), Message("assistant", "The claims app."))


@pytest.mark.parametrize(
    "text",
    [
        "What all facilities does this library provide?",
        "How much does this cost?",
        "Does it apply to contractors?",
        "Is this covered by insurance?",
        "它多少钱？",
        "这款产品的保修期多久？",
        "这个怎么用？",
        "它支持蓝牙吗？",
        "IS IT SAFE?",
        "Does insurance cover that?",
    ],
)
def test_a_question_about_something_it_does_not_name_is_unclear(text: str) -> None:
    assert is_unclear(text, ())


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I have this year?",
        "What is the policy for parental leave?",
        "那年假呢？",
        "Who approves these kinds of trips abroad for managers?",
        "今年第三季度 T40 出了多少货？",
        "年假有几天？",
        "Is the office open this weekend?",
        "Who is on call this Friday afternoon in these days?",
        "I bought a Heron. Can this Heron measure humidity?",
        "我买的记录仪坏了，这台记录仪能退吗？",
        "为什么要用 `direct` 这个选项？",
        "T40 这款产品能退吗？",
        "这个月发工资吗？",
        "How do I contact IT?",
        "What does it mean to be on call?",
        "Is it possible to park?",
        "Are there documents that expire?",
        "I heard that there is a canteen. When does it open in the morning on Fridays?",
    ],
)
def test_a_question_that_names_its_subject_is_clear(text: str) -> None:
    assert not is_unclear(text, ())


def test_what_was_said_before_makes_a_question_clear() -> None:
    assert is_unclear("What permission does this app need?", ())
    assert not is_unclear("What permission does this app need?", TALK)
    assert not is_empty("How much does it cost?", TALK)


def test_a_thing_that_was_not_said_before_stays_unclear() -> None:
    assert is_unclear("How does this library help with that?", TALK)


def test_the_choices_are_the_subjects_that_were_found_each_once() -> None:
    hits = [
        hit("Handbook", "Leave > Sick leave"),
        hit("Handbook", "Leave > Sick leave"),
        hit("FAQ", "How do I log in?"),
        hit("Parking", ""),
    ]
    assert choices(hits) == ("Handbook: Sick leave", "How do I log in?", "Parking")


def test_it_is_asked_back_in_the_language_of_the_question() -> None:
    assert ask_back([hit("手册", "年假")], "zh").splitlines() == [
        "问题没有说明指的是什么。您是想问下面哪一个？",
        "- 手册: 年假",
    ]
    assert ask_back([hit("Handbook", "Leave")], "en").endswith("\n- Handbook: Leave")


def hit(title: str, heading: str) -> Hit:
    return Hit("d", "v", "s", title, None, heading, 0, 1, "x", 1.0)
