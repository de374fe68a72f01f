import pytest

from rag.contradict import Contradiction, find
from rag.pack import Passage
from rag.sentence_score import Asked, units
from rag.types import Hit, Language

LOST = "A lost or stolen laptop must be reported to the service desk within 24 hours, with place and time."
GUIDE = (
    "Report a lost or stolen device within 4 hours of noticing it, at any time of day, on the security line."
)
QUESTION = "My work laptop was stolen. How much time do I have to report it?"


def passage(text: str, document: str) -> Passage:
    return Passage(Hit(document, document, document, document, None, "", 0, len(text), text, 1.0), text)


def between(
    first: str, second: str, question: str, language: Language = "en", *, document: str = "d2"
) -> Contradiction | None:
    mine, theirs = passage(first, "d1"), passage(second, document)
    return find(Asked(question, language), mine, units(first), [mine, theirs])


def test_two_documents_with_different_periods_for_one_thing_contradict() -> None:
    found = between(LOST, GUIDE, QUESTION)
    assert found is not None
    assert (found.first.text, found.second.text, found.kind) == (LOST, GUIDE, "hours")
    assert found.documents == {"d1", "d2"}


def test_two_chinese_documents_contradict() -> None:
    found = between(
        "电脑丢失应当在 24 小时以内上报信息技术部。",
        "电脑丢失后须在 4 小时内上报信息技术部，并且说明地点。",
        "电脑丢失多久以内上报？",
        "zh",
    )
    assert found is not None
    assert found.kind == "hours"


def test_rows_of_two_tables_contradict() -> None:
    table = "| kind of leave | paid days |\n|---|---|\n| moving house | {} days |\n"
    assert between(table.format(1), table.format(2), "How many paid days for moving house?")


@pytest.mark.parametrize("question", ["How long is the guarantee on a T40?", "T40 的保修期是多久？"])
def test_two_languages_contradict_when_they_name_the_same_codes(question: str) -> None:
    english = "We repair or replace T20 and T40 loggers that fail within 36 months of delivery."
    chinese = "T20 和 T40 自签收之日起保修 24 个月。"
    assert between(english, chinese, question)
    assert not between(english, chinese.replace("T20 和 T40", "G2"), question)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LOST, GUIDE.replace("4 hours", "24 hours")),
        (LOST, GUIDE.replace("4 hours", "1 day")),
        (LOST, GUIDE.replace("4 hours", "4 days, at most 24 hours,")),
        (LOST, "For example, report" + GUIDE[6:]),
        (LOST, "A found badge is brought to the reception within 4 hours."),
        (LOST, GUIDE.replace("on the security line", "on extension 4499").replace("within 4 hours ", "")),
        (
            "Staff in Leeds report a stolen laptop within 24 hours to the desk.",
            "Staff in Suzhou report a stolen laptop within 4 hours to the desk.",
        ),
        (
            "Report a stolen laptop at least 24 hours before the journey.",
            "Report a stolen laptop at most 4 hours after the journey.",
        ),
    ],
    ids=[
        "equal",
        "equal in other units",
        "both given",
        "example",
        "other thing",
        "no period",
        "other place",
        "other bound",
    ],
)
def test_what_both_may_be_right_about_is_no_contradiction(first: str, second: str) -> None:
    assert between(first, second, QUESTION) is None


def test_a_document_does_not_contradict_itself() -> None:
    assert between(LOST, GUIDE, QUESTION, document="d1") is None


def test_a_number_that_the_question_names_is_a_condition_not_an_answer() -> None:
    first = "To extend your leave past 4 weeks, notify the people team and update your return date."
    second = first.replace("4 weeks", "16 weeks")
    assert between(first, second, "Can I extend my leave past 4 weeks?") is None
    assert between(first, second, "How do I extend my leave?") is not None


def test_what_the_question_does_not_ask_about_is_left_alone() -> None:
    assert between(LOST, GUIDE, "Who cleans the kitchen of the Leeds office?") is None


def test_what_is_set_somewhere_does_not_contradict_the_default() -> None:
    assert (
        between(
            "同步任务的 gc-ttl 默认为 24 小时。",
            "以上把同步任务的 gc-ttl 设置为 48 小时。",
            "同步任务的 gc-ttl 是多少？",
            "zh",
        )
        is None
    )
    default, setting = (
        "The default backup interval of the server is 24 hours.",
        "Here the backup interval of the server is set to 48 hours.",
    )
    assert between(default, setting, "What is the backup interval of the server?") is None


def test_a_row_with_a_thousand_figures_is_no_statement() -> None:
    row = "| " + "3 days | " * 15_000
    assert between(f"| a |\n|---|\n{row}\n", f"| a |\n|---|\n{row}4 days |\n", "How many days?") is None
