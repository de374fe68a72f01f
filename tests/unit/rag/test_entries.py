"""A question that an FAQ asks too is answered from its entry; one that is merely near is not."""

import pytest

from rag.entries import entry_for, is_same
from rag.pack import Passage
from rag.types import Hit


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("How do I reset my VPN password?", "How do I reset my VPN password?"),
        ("how do i reset my vpn password", "How do I reset my VPN password?"),
        ("How can I reset the VPN password?", "How do I reset my VPN password?"),
        ("ＶＰＮ密码怎么重置？", "VPN密码怎么重置"),
        ("请问怎么重置密码？", "密码怎么重置？"),
        ("Where can we park our bicycles?", "Where can I park my bicycle?"),
    ],
)
def test_the_same_question_in_other_dress_is_the_same(asked: str, known: str) -> None:
    assert is_same(asked, known)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("Can I take leave on Mondays?", "Can I take leave on Sundays?"),
        ("When do I reset my VPN password?", "How do I reset my VPN password?"),
        ("Can I not take a logger on an aeroplane?", "Can I take a logger on an aeroplane?"),
        ("How many days of leave in 2025?", "How many days of leave in 2026?"),
        (
            "Does the auditor approve leave that the director takes?",
            "Does the director approve leave that the auditor takes?",
        ),
        ("Who?", "Who is it?"),
        ("哪些员工可以报销？", "哪些员工不可以报销？"),
        ("谁可以申请年假？", "什么时候可以申请年假？"),
    ],
)
def test_a_question_that_is_merely_near_is_another(asked: str, known: str) -> None:
    assert not is_same(asked, known)


def entry(text: str, heading: str, start: int = 0, whole: str = "") -> Passage:
    whole = whole or text
    hit = Hit("d", "v", "faq.md", "FAQ", None, heading, start, start + len(text), text, 1.0)
    return Passage(hit, whole)


def test_the_entry_is_the_text_below_its_question() -> None:
    text = "## Is there a limit?\n\nYes, 120 requests a minute.\n\nAsk for more."
    found = entry_for("is there a limit", [entry(text, "FAQ > Is there a limit?")])
    assert found is not None
    assert found.hit.text == "Yes, 120 requests a minute.\n\nAsk for more."
    assert text[found.hit.start : found.hit.end] == found.hit.text


def test_any_wording_of_the_heading_counts() -> None:
    text = "## 年假几天？ / 有多少天年假？\n\n十天。"
    found = entry_for("有多少天年假", [entry(text, "年假几天？ / 有多少天年假？")])
    assert found is not None
    assert found.hit.text == "十天。"


@pytest.mark.parametrize("asked", ["一月几号发工资？", "年假几天？", "几点开门？"])
def test_an_entry_ends_where_its_neighbour_begins(asked: str) -> None:
    whole = "年假几天？\n十天。\n\n一月几号发工资？\n十日。\n\n几点开门？\n八点。\n\n"
    parts = [part + "\n" for part in whole.split("\n\n")[:-1]]
    places = [entry(part, part.splitlines()[0], whole.index(part), whole) for part in parts]
    found = entry_for(asked, places)
    assert found is not None
    assert asked + "\n" + found.hit.text in parts
    assert whole[found.hit.start : found.hit.end] == found.hit.text


def test_parts_of_a_long_entry_are_put_together() -> None:
    heading = "Is there a limit?"
    whole = "## Is there a limit?\n\nYes.\n\nOne hundred."
    first, second = entry(whole[:27], heading, 0, whole), entry(whole[28:], heading, 28, whole)
    found = entry_for("Is there a limit?", [second, first])
    assert found is not None
    assert found.hit.text.endswith("One hundred.")
    assert found.hit.text.startswith("Yes.")


def test_a_section_that_does_not_ask_is_no_entry() -> None:
    assert entry_for("Limits", [entry("## Limits\n\nMany.", "Limits")]) is None


def test_a_question_without_an_answer_is_no_entry() -> None:
    assert entry_for("Is there a limit?", [entry("## Is there a limit?\n", "Is there a limit?")]) is None
