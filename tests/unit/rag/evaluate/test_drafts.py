import json

import pytest

from rag.errors import BadInput
from rag.evaluate import confirm, draft_file
from rag.evaluate.drafts import Draft, merged, spread
from rag.evaluate.passages import Passage
from rag.evaluate.patterns import drafts
from rag.evaluate.types import Gold
from rag.types import Language, Message

FAQ = "## Can I pair a T20?\n\nYes. Hold the phone against it. It takes two seconds. Then wait.\n"
LEAVE = (
    "## Leave\n\nFull-time staff have 27 days of annual leave a year. The core hours are the hours in which "
    "everybody can be reached.\n\n| grade | notice |\n|---|---|\n| grade 6 | 3 months |\n"
)
CHINESE = (
    "## 年假\n\n年休假是指带薪的休假。员工每年享有 15 天带薪年假，需提前申请。\n\n"
    "| 项目 | 标准 |\n|---|---|\n| 夜班补贴 | 每班 60 元 |\n"
)


def passage(text: str, heading: str, language: Language = "en", start: int = 100) -> Passage:
    return Passage("docs/a.md", "A", language, heading, start, text)


def made(text: str, heading: str, language: Language = "en") -> dict[str, tuple[str, str]]:
    found = drafts([passage(text, heading, language)])
    for draft in found:
        (gold,) = draft.gold
        assert gold.start is not None
        assert text[gold.start - 100 : (gold.end or 0) - 100] == gold.quote
    return {draft.kind: (draft.question, draft.answer) for draft in found}


def draft(question: str, answer: str = "x", file: str = "a.md", start: int = 0, kind: str = "faq") -> Draft:
    return Draft(question, "en", kind, answer, (Gold(file, answer, start, start + len(answer)),))


def test_a_heading_that_asks_is_answered_by_its_first_sentences() -> None:
    assert made(FAQ, "Can I pair a T20?") == {"faq": ("Can I pair a T20?", "Yes. Hold the phone against it.")}


def test_a_long_entry_is_drafted_once() -> None:
    first, second = passage(FAQ, "Can I pair a T20?"), passage("More of it.", "Can I pair a T20?", start=300)
    assert len(drafts([first, second])) == 1


def test_definitions_figures_and_rows_become_questions() -> None:
    assert made(LEAVE, "Leave") == {
        "number": ("How many days of annual leave are there?", "27 days"),
        "definition": (
            "What are the core hours?",
            "The core hours are the hours in which everybody can be reached.",
        ),
        "row": ("What is the notice for grade 6?", "3 months"),
    }


def test_the_same_in_chinese() -> None:
    assert made(CHINESE, "年假", "zh") == {
        "definition": ("什么是年休假？", "年休假是指带薪的休假。"),
        "number": ("A，年假：多少天？", "15 天"),
        "row": ("夜班补贴的标准是多少？", "每班 60 元"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "It is a good thing to have a rest once in a while.",
        "There are two ways to do it, and both are allowed.",
        "They wait 3 days, or 5 days where the post is slow.",
        "这是一个例子，大家看看就好了。",
    ],
)
def test_nothing_is_asked_about_a_pronoun_or_one_of_several_figures(text: str) -> None:
    assert drafts([passage(text, "More about the rest")]) == []


def test_nothing_is_drafted_of_a_secret() -> None:
    assert drafts([passage("## Which card?\n\nUse card 4111 1111 1111 1111.\n", "Which card?")]) == []


def test_one_answer_at_two_places_is_one_draft_and_two_answers_are_none() -> None:
    same = [draft("Q?", "x", "a.md"), draft("q?", "x", "b.md")]
    kept, ambiguous = merged([*same, draft("R?", "1", "a.md"), draft("R?", "2", "b.md")])
    assert [len(one.gold) for one in kept] == [2]
    assert ambiguous == 2


def test_drafts_are_spread_over_documents_and_kinds() -> None:
    many = [draft(f"A{i}?", file="a.md", kind="row") for i in range(9)]
    few = [draft("A of a heading?", file="a.md"), draft("B?", file="b.md"), draft("C?", file="c.md")]
    chosen = spread([*many, *few], 4)
    assert [one.question for one in chosen] == ["A0?", "B?", "C?", "A of a heading?"]


def test_a_follow_up_is_another_question_after_another_turn() -> None:
    turns = (Message("user", "What is the T40?"), Message("assistant", "A logger."))
    assert Draft("And T20?", "en", "asked", history=turns).key != Draft("And T20?", "en", "asked").key


def test_a_file_keeps_every_byte_and_knows_what_it_holds(tmp_path) -> None:
    path = tmp_path / "questions.jsonl"
    mine = '{"question" :  "Mine?", "note": "été"}'
    path.write_text(mine, "utf-8")
    draft_file.append(path, [draft("有年假吗？")])
    assert path.read_text("utf-8").startswith(mine + "\n{")
    known = draft_file.known(draft_file.read(path))
    assert {draft("mine").key, draft("有年假吗").key, draft("有年假吗？").id} <= known
    assert draft("Another?").key not in known


def test_a_line_of_a_draft_is_of_the_shared_format_and_not_confirmed() -> None:
    line = json.loads(draft("Q?", "x", start=7).line())
    assert line["gold"] == [{"file": "a.md", "start": 7, "end": 8, "quote": "x"}]
    assert (line["confirmed"], line["answerable"], line["lang"], line["kind"]) == (False, True, "en", "faq")


def test_a_decision_is_saved_in_its_line_and_a_dropped_draft_stays_known(tmp_path) -> None:
    path = tmp_path / "q.jsonl"
    draft_file.append(path, [draft("A?"), draft("B?"), draft("C?")])
    first, second, third = draft_file.read(path)
    draft_file.change(path, second, confirm.dropped(second.value))
    changed = draft_file.change(path, third, confirm.edited(third.value, " C,\n then? "))
    assert changed is not None
    draft_file.change(path, first, confirm.confirmed(first.value))
    found = draft_file.read(path)
    assert [line.waits for line in found] == [False, False, True]
    assert [line.value["confirmed"] for line in found] == [True, False, False]
    assert found[2].value["question"] == "C, then?"
    assert confirm.edited(found[2].value, "那么呢？")["lang"] == "zh"
    assert {draft("B?").key, draft("C?").id} <= draft_file.known(found)


def test_a_line_that_was_changed_meanwhile_is_left_alone(tmp_path) -> None:
    path = tmp_path / "q.jsonl"
    draft_file.append(path, [draft("A?")])
    (line,) = draft_file.read(path)
    path.write_text('{"question": "edited"}\n')
    assert draft_file.change(path, line, confirm.confirmed(line.value)) is None
    assert path.read_text() == '{"question": "edited"}\n'


@pytest.mark.parametrize("bad", ["{", "[]", '{"answer": "x"}', '{"question": 1}'])
def test_a_broken_line_is_named_with_its_number(tmp_path, bad: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A?"}\n\n' + bad)
    with pytest.raises(BadInput, match=r"q\.jsonl:3: "):
        draft_file.read(path)


def test_drafts_are_kept_in_lines_of_json_only(tmp_path) -> None:
    with pytest.raises(BadInput, match="lines of JSON"):
        draft_file.check(tmp_path / "q.csv")
    with pytest.raises(BadInput, match="no folder"):
        draft_file.check(tmp_path / "none/q.jsonl")
