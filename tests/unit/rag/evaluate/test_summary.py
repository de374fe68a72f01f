"""Sums, the result file, thresholds and JUnit, on a run made by hand."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rag.errors import BadInput
from rag.evaluate import junit, record, thresholds
from rag.evaluate.measures import measure
from rag.evaluate.summary import NAMES, summarise
from rag.evaluate.types import Case, Gold, Place, Quote, Row, Run
from rag.types import Language, Message

ABOUT = {"started": "2026-01-01T00:00:00+00:00", "count": 3}


def row(number: int, *, right: bool = True, answerable: bool = True, language: Language = "en") -> Row:
    place = Place("a.md", 0, 9, "hr")
    case = Case(
        f"q{number}",
        "几天？" if language == "zh" else "How many?",
        f"q.csv:{number}",
        answer="25",
        gold=(Gold("a.md", "25 days"),) if answerable else (),
        answerable=answerable,
        history=(Message("user", "Hi"),),
        language=language,
        collection="hr",
    )
    made = Row(
        case,
        gold=(place,) if answerable else (),
        found=(place if right else replace(place, source="b.md"),),
        status="answered",
        evidence=0.9 if right else 0.1,
        text="25 days",
        quotes=(Quote(place, "25 days", "25 days", 1.0, right),),
        seconds=0.5,
        tokens=10,
        cost=0.25,
    )
    return replace(made, measures=measure(made))


def run(*rows: Row) -> Run:
    return Run(ABOUT, rows)


RUN = run(row(1), row(2, right=False, language="zh"), row(3, right=False, answerable=False))


def test_sums_are_overall_and_by_group() -> None:
    found = summarise(RUN)
    assert (found.overall.questions, found.overall.answerable, found.overall.errors) == (3, 2, 0)
    assert found.overall.figures["hit"].value == 0.5
    assert found.overall.figures["refusal_auroc"].value == 0.75
    assert (found.overall.tokens, found.overall.cost) == (30, 0.75)
    assert set(found.by["language"]) == {"en", "zh"}
    assert found.by["language"]["zh"].figures["hit"].value == 0.0
    assert found.by["collection"]["hr"].questions == 3
    assert found.by["kind"] == {}


def test_a_question_to_all_collections_counts_where_its_golds_stand() -> None:
    to_all = replace(row(1), case=replace(row(1).case, collection=None))
    elsewhere = replace(to_all, gold=(Place("a.md", 0, 9, "it"),))
    nowhere = replace(to_all, gold=())
    both = replace(to_all, gold=(*to_all.gold, *elsewhere.gold))
    found = summarise(run(to_all, elsewhere, nowhere, both)).by["collection"]
    assert {name: group.questions for name, group in found.items()} == {"hr": 1, "it": 1}


def test_sums_do_not_depend_on_the_order_in_which_answers_came() -> None:
    assert summarise(run(*reversed(RUN.rows))) == summarise(RUN)


def test_a_cost_that_is_not_known_makes_the_sum_unknown() -> None:
    assert summarise(run(row(1), replace(row(2), cost=None))).overall.cost is None


def test_errors_are_counted_and_measured_apart() -> None:
    found = summarise(run(row(1), Row(row(2).case, error="timed out"))).overall
    assert (found.errors, found.figures["errors"].value, found.figures["hit"].n) == (1, 0.5, 1)


def test_a_run_of_errors_alone_has_sums_too() -> None:
    found = summarise(run(Row(row(1).case, error="timed out"))).overall
    assert set(found.figures) == {"errors"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "eval" / "run.jsonl"
    record.begin(path, ABOUT)
    for one in RUN.rows:
        record.append(path, one)
    assert record.read(path) == RUN


def test_a_question_that_was_asked_again_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record.begin(path, ABOUT)
    for one in (Row(row(1).case, error="timed out"), row(1)):
        record.append(path, one)
    assert record.read(path).rows == (row(1),)


def test_a_line_that_was_cut_does_not_count_and_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record.begin(path, ABOUT)
    record.append(path, row(1))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"case": {"id": "\xe5')
    assert record.read(path).rows == (row(1),)
    record.mend(path)
    assert path.read_bytes() == whole


def test_a_file_that_is_there_is_never_begun_again(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("mine")
    with pytest.raises(BadInput, match="cannot be written"):
        record.begin(tmp_path / "run.jsonl", ABOUT)
    with pytest.raises(BadInput, match="no result of kb eval run"):
        record.read(tmp_path / "run.jsonl")


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record.begin(path, ABOUT)
    with path.open("a") as file:
        file.write('{"case": 1}\n')
    with pytest.raises(BadInput, match=r"run\.jsonl:2: not a row"):
        record.read(path)


def limits(tmp_path: Path, text: str) -> tuple[thresholds.Threshold, ...]:
    (tmp_path / "limits.toml").write_text(text)
    return thresholds.read(tmp_path / "limits.toml")


def test_thresholds_are_for_all_or_for_a_group(tmp_path: Path) -> None:
    groups = '[zh]\nhit = 0.1\n[collection.hr]\n"hit@1000" = 0.5\n[kind.x]\nmrr = 0\n'
    text = "hit = 0.4\nlatency_p95 = 0.1\n" + groups
    outcomes = thresholds.check(limits(tmp_path, text), summarise(RUN))
    assert [outcome.passed for outcome in outcomes] == [True, False, False, True, False]
    assert [outcome.said for outcome in outcomes if not outcome.passed] == [
        "latency_p95 is 0.500; expected at most 0.1",
        "hit of language zh is 0.000; expected at least 0.1",
        "mrr of kind x is not measured by these questions; expected 0",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hits = 0.5", f"no figure named 'hits'; there are {', '.join(NAMES)}"),
        ("hit = true", "hit is True; expected a number"),
        ("[de]\nhit = 1", "[de] is no group"),
        ("[collection]\nhit = 1", "expected [collection.hit]"),
        ("", "has no thresholds"),
        ("hit 0.5", "is not TOML"),
        ('hit = "0.5"', "hit is '0.5'; expected a number"),
        ("hit = nan", "hit is nan; expected a number"),
    ],
)
def test_a_threshold_that_means_nothing_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as error:
        limits(tmp_path, text)
    assert said in str(error.value)


def test_junit_fails_where_the_command_fails(tmp_path: Path) -> None:
    rows = (*RUN.rows, Row(replace(row(4).case, question="\x00<&\ufffe"), error="timed \x1b out"))
    outcomes = thresholds.check(limits(tmp_path, "hit = 0.9\nmrr = 0.1"), summarise(RUN))
    questions, suite = ElementTree.fromstring(junit.document(run(*rows), outcomes))
    assert [questions.get(name) for name in ("tests", "failures", "errors", "skipped")] == [
        "4",
        "0",
        "1",
        "1",
    ]
    assert [suite.get(name) for name in ("tests", "failures")] == ["2", "1"]
    assert questions[2].find("skipped") is not None
    assert questions[3].get("name") == "q4: \ufffd<&\ufffd"


@pytest.mark.parametrize(
    "content", ["question,answer\n", "<?xml version='1.0'?>\n<testsuites name='mine'/>\n"]
)
def test_only_a_junit_file_of_ours_is_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "eval.xml"
    junit.write(path, RUN, ())
    junit.write(path, RUN, ())
    path.write_text(content)
    with pytest.raises(BadInput, match="is no JUnit file of kb eval; it was left as it is"):
        junit.write(path, RUN, ())
    assert path.read_text() == content
