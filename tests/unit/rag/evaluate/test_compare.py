import json
from pathlib import Path

import pytest

from api.cli.evaluation.compare import compare as command
from rag.errors import BadInput
from rag.evaluate import record
from rag.evaluate.compare import Comparison, compare
from rag.evaluate.types import Row
from tests.data.rows import row, run

MANY = [f"{n:02}" for n in range(30)]


def change(made: Comparison, measure: str) -> object:
    return next(each for each in made.overall if each.measure == measure)


def test_answers_that_lost_their_citation_are_worse_with_an_interval() -> None:
    before = run(*(row(name) for name in MANY))
    after = run(*(row(name, cited=500 if int(name) < 20 else 0) for name in MANY))
    correct = change(compare(before, after), "correct")
    assert (correct.before, correct.after) == (1.0, pytest.approx(1 / 3))
    assert correct.difference.low < -2 / 3 < correct.difference.high < 0
    assert correct.mark == "worse"


def test_a_change_of_one_question_in_thirty_shows_no_difference() -> None:
    before = run(*(row(name) for name in MANY))
    after = run(*(row(name, cited=500 if name == "07" else 0) for name in MANY))
    assert change(compare(before, after), "correct").mark == "no difference shown"


def test_nothing_is_said_of_fewer_than_twenty_questions() -> None:
    before = run(*(row(name) for name in MANY[:19]))
    after = run(*(row(name, cited=500) for name in MANY[:19]))
    made = compare(before, after)
    assert change(made, "correct").mark == "too few questions"
    assert made.is_too_small
    assert not made.is_worse


def test_less_time_is_better() -> None:
    before, after = (run(*(row(name, seconds=time) for name in MANY)) for time in (0.2, 0.1))
    assert change(compare(before, after), "seconds").mark == "better"


def test_only_a_main_measure_makes_a_run_worse() -> None:
    slower = compare(run(*map(row, MANY)), run(*(row(name, seconds=9.0) for name in MANY)))
    assert not slower.is_worse
    wrong = compare(run(*map(row, MANY)), run(*(row(name, cited=500) for name in MANY)))
    assert wrong.is_worse


def test_questions_of_one_file_alone_are_named() -> None:
    made = compare(run(row("a"), row("b")), run(row("b"), row("c")))
    assert (made.pairs, made.only_before, made.only_after) == (1, ("a",), ("c",))


def test_an_id_with_other_words_is_another_question() -> None:
    made = compare(run(row("a")), run(row("a", question="年假有几天？")))
    assert (made.pairs, made.only_before, made.only_after) == (0, ("a",), ("a",))


def test_languages_with_enough_questions_are_told_apart() -> None:
    english = [row(name) for name in MANY]
    chinese = [row(f"zh{name}", question=f"年假有几天？{name}") for name in MANY[:20]]
    worse = [row(f"zh{name}", question=f"年假有几天？{name}", cited=500) for name in MANY[:20]]
    parts = compare(run(*english, *chinese), run(*english, *worse)).by["language"]
    marks = {name: {one.measure: one.mark for one in part}["correct"] for name, part in parts.items()}
    assert marks == {"en": "no difference shown", "zh": "worse"}


def test_a_part_with_few_questions_is_left_out() -> None:
    rows = [row(name, kind="plain" if int(name) < 25 else "table") for name in MANY]
    assert list(compare(run(*rows), run(*rows)).by["kind"]) == ["plain"]


def test_the_largest_loss_comes_first() -> None:
    before = run(row("a"), row("b"), row("c"))
    slightly = row("a", said="27 hours")
    wholly = row("c", said="Ask the office.", cited=500, found=900)
    made = compare(before, run(slightly, row("b"), wholly))
    assert [shift.after.case.id for shift in made.worse] == ["c", "a"]
    assert made.worse[0].moved == {"hit": (1, 0), "answer_recall": (1, 0), "correct": (1, 0)}
    assert made.better == ()


def test_a_question_that_can_no_longer_be_asked_got_worse() -> None:
    made = compare(run(row("a")), run(row("a", error="the index is damaged")))
    assert [shift.after.case.id for shift in made.worse] == ["a"]


def test_what_the_headers_say_differently_is_told() -> None:
    before = run(row("a"), started="yesterday", version="1", settings={"model": "", "limit": 8})
    after = run(row("a"), started="today", version="1", settings={"model": "scripted", "limit": 8})
    assert compare(before, after).header == {"model": ("", "scripted")}


def test_equal_runs_give_equal_comparisons() -> None:
    runs = run(*map(row, MANY)), run(*(row(name, cited=int(name) * 3) for name in MANY))
    assert compare(*runs) == compare(*runs)


def written(path: Path, *rows: Row) -> Path:
    record.begin(path, {})
    for each in rows:
        record.append(path, each)
    return path


def test_a_person_sees_what_changed_and_both_answers(tmp_path: Path, capsys) -> None:
    before = written(tmp_path / "a", *(row(name) for name in MANY), row("zh", question="年假有几天？"))
    after = written(tmp_path / "b", *(row(name, cited=500) for name in MANY), row("new"))
    assert command(before, after, limit=1) == 0
    said = capsys.readouterr().out
    assert "30 questions in both" in said
    assert "1 only in A: zh" in said
    assert "1 only in B: new" in said
    assert "worse: 30 questions (the first 1; --limit shows more)" in said
    assert "  A: answered: 27 days [1]\n  B: answered: 27 days [1]" in said


def test_a_worse_run_fails_only_when_asked_to(tmp_path: Path) -> None:
    before = written(tmp_path / "a", *(row(name) for name in MANY))
    after = written(tmp_path / "b", *(row(name, cited=500) for name in MANY))
    assert command(before, after) == 0
    assert command(before, after, fail_if_worse=True) == 1
    assert command(after, before, fail_if_worse=True) == 0


def test_too_few_questions_are_said_when_worse_should_fail(tmp_path: Path, capsys) -> None:
    before, after = written(tmp_path / "a", row("a")), written(tmp_path / "b", row("a", cited=500))
    assert command(before, after, fail_if_worse=True) == 0
    assert "too few" in capsys.readouterr().err


def test_runs_of_other_questions_cannot_be_compared(tmp_path: Path) -> None:
    before, after = written(tmp_path / "a", row("a")), written(tmp_path / "b", row("b"))
    with pytest.raises(BadInput, match="no question in common"):
        command(before, after)


def test_json_has_every_measure_and_counts_what_it_leaves_out(tmp_path: Path, capsys) -> None:
    before = written(tmp_path / "a", *(row(name) for name in MANY))
    after = written(tmp_path / "b", *(row(name, cited=500) for name in MANY))
    command(before, after, limit=2, json=True)
    data = json.loads(capsys.readouterr().out)["data"]
    assert {"hit@1000", "correct", "seconds"} <= {each["measure"] for each in data["overall"]}
    assert (data["worse_questions"], len(data["worse"]), data["is_worse"]) == (30, 2, True)
