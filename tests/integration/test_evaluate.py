"""`kb eval run` as an owner of an FAQ uses it, on a small home of English and Chinese."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ingest.run import Order, ingest
from rag import open_system
from rag.errors import BadInput, ConfigError
from rag.evaluate import record
from rag.evaluate.alone import alone
from rag.evaluate.run import check, rows, stands
from rag.evaluate.types import Case, Gold, Row
from rag.system import System
from rag.types import Citation, Span
from tests.servers.model import ModelServer

ROOT = Path(__file__).resolve().parents[2]
LEAVE = "# Leave\n\nEvery employee has 25 days of annual leave a year.\n\nIt cannot be paid out.\n"
CHINESE = "# 年假\n\n员工每年享有十五天带薪年假，需提前两周申请。\n"
QUESTION = "How many days of annual leave are there?"
ENTRIES = (
    (QUESTION, "Every employee has 25 days of annual leave a year."),
    ("员工年假有几天？", "员工每年享有十五天带薪年假"),
)
FAQ = "".join(f"{question},{answer}\n" for question, answer in ENTRIES)

# A test run in the background of a shell inherits an ignored SIGINT.
listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    docs(tmp_path)
    async with open_system(store="memory", embedder="hashing", record=False) as system:
        await ingest(system, Order(tmp_path / "docs", "hr"))
        yield system


def docs(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs/leave.md").write_text(LEAVE, "utf-8")
    (folder / "docs/年假.md").write_text(CHINESE, "utf-8")


async def asked(system: System, *cases: Case, jobs: int = 1) -> list[Row]:
    return [row async for row in rows(system, cases, jobs=jobs)]


def case(number: int, question: str = QUESTION, **more: Any) -> Case:
    return Case(f"q{number}", question, f"faq.csv:{number}", **more)


# --- the library


@pytest.mark.anyio
async def test_a_row_holds_the_answer_its_places_and_its_measures(system: System) -> None:
    gold = Gold("docs/leave.md", "25 days of annual leave")
    (row,) = await asked(system, case(1, gold=(gold,), answer="25 days"))
    assert row.status == "answered"
    assert "25 days" in row.text
    assert [LEAVE[place.start : place.end] for place in row.gold] == [gold.quote]
    assert row.found[0].source == "leave.md"
    assert row.seconds > 0
    assert row.cost == 0.0
    for name in ("hit", "mrr", "contains", "numbers", "verbatim", "citation_recall", "right_file", "correct"):
        assert row.measures[name] == 1.0, name


@pytest.mark.anyio
async def test_chinese_is_measured_alike(system: System) -> None:
    one = case(1, "员工每年有几天带薪年假？", answer="员工每年享有十五天带薪年假", language="zh")
    (row,) = await asked(system, one)
    assert [CHINESE[place.start : place.end] for place in row.gold] == [one.answer]
    assert row.measures["hit"] == row.measures["contains"] == row.measures["verbatim"] == 1.0


@pytest.mark.anyio
async def test_one_question_that_fails_does_not_stop_the_others(system: System) -> None:
    found = await asked(system, case(1, "x" * 9999), *(case(i) for i in range(2, 9)), jobs=3)
    by_id = {row.case.id: row for row in found}
    assert len(by_id) == 8
    assert "characters" in by_id["q1"].error
    assert by_id["q1"].measures == {}
    assert not any(row.error for row in found if row.case.id != "q1")


@pytest.mark.anyio
async def test_answers_of_an_evaluation_must_not_be_kept_as_those_of_users(tmp_path: Path) -> None:
    async with open_system(store="memory", embedder="hashing") as system:
        with pytest.raises(ConfigError, match="recorded"):
            await asked(system, case(1))


@pytest.mark.anyio
async def test_a_collection_that_is_not_there_is_named_with_those_that_are(system: System) -> None:
    with pytest.raises(BadInput, match=r"faq\.csv:1: no collection 'it'; there are: hr"):
        await check(system, [case(1, collection="it")])


def test_a_quote_is_verbatim_but_for_what_is_masked() -> None:
    def cited(quote: str, *masked: Span) -> Citation:
        return Citation(1, Span(0, 1), "d", "v", "s", "", None, "", 4, 9, quote, "verified", 1, 1, masked)

    assert stands(cited("hello"), "say hello")
    assert stands(cited("h███o", Span(1, 4)), "say hello")
    assert not stands(cited("hallo"), "say hello")
    assert not stands(cited("hello!"), "say hello")
    assert not stands(cited("hello"), "")


# --- the command


@pytest.fixture
def base(tmp_path: Path) -> Path:
    docs(tmp_path)
    (tmp_path / "faq.csv").write_bytes(FAQ.encode("gb18030"))
    assert run(tmp_path, "ingest", "docs").returncode == 0
    return tmp_path


def environment(base: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    ours = {"KB_HOME": str(base / "home"), "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT)}
    return kept | ours | {"XDG_CONFIG_HOME": str(base), "KB_PLUGINS": "off"} | more


def run(base: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=base,
        env=environment(base),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def test_a_plain_csv_in_chinese_encoding_is_measured(base: Path) -> None:
    done = run(base, "eval", "run", "faq.csv")
    assert done.returncode == 0, done.stderr
    assert "2 questions: 2 can be answered, 0 cannot" in done.stdout
    assert "verbatim            1.000" in done.stdout
    (result,) = (base / "eval").glob("faq-*.jsonl")
    assert f"every answer is in eval/{result.name}" in done.stderr
    assert {row.case.language for row in record.read(result).rows} == {"en", "zh"}


def test_nothing_of_an_evaluation_is_recorded(base: Path) -> None:
    run(base, "eval", "run", "faq.csv")
    run(base, "ask", QUESTION)
    (catalog,) = (base / "home").glob("*.db")
    with sqlite3.connect(catalog) as connection:
        assert connection.execute("select count(*) from answers").fetchone() == (1,)


def test_json_has_the_sums_with_their_intervals(base: Path) -> None:
    done = run(base, "eval", "run", "faq.csv", "--json", "--out", "run.jsonl")
    made = json.loads(done.stdout)["data"]
    figure = made["summary"]["overall"]["figures"]["answered"]
    assert set(figure) == {"value", "low", "high", "n"}
    assert made["file"] == "run.jsonl"
    assert set(made["summary"]["by"]) == {"language", "kind", "collection"}


def test_a_broken_file_names_its_lines_and_asks_nothing(base: Path) -> None:
    (base / "bad.csv").write_text("question,answerable\nA?,yes\n,yes\nB?,maybe\n")
    done = run(base, "eval", "run", "bad.csv")
    assert done.returncode == 4
    assert done.stderr.splitlines()[:3] == [
        "kb: bad.csv:3: 'question' is empty; expected a question",
        "kb: bad.csv:4: 'answerable' is 'maybe'; expected true or false",
        "kb: 2 lines cannot be used",
    ]
    assert not (base / "eval").exists()


def test_a_missed_threshold_is_exit_code_1_and_in_junit(base: Path) -> None:
    (base / "limits.toml").write_text("contains = 0.1\n[zh]\nlatency_p50 = 0\n")
    done = run(base, "eval", "run", "faq.csv", "--fail-under", "limits.toml", "--junit", "out/j.xml")
    assert done.returncode == 1
    assert "kb: latency_p50 of language zh is " in done.stderr
    suites = ElementTree.parse(base / "out/j.xml").getroot()
    assert [suite.get("failures") for suite in suites] == ["0", "1"]


def test_a_junit_file_that_cannot_be_written_is_said_before_anything_is_asked(base: Path) -> None:
    done = run(base, "eval", "run", "faq.csv", "--junit", "faq.csv")
    assert done.returncode == 4
    assert done.stderr.startswith("kb: faq.csv is there already and is no JUnit file of kb eval")
    assert (base / "faq.csv").read_bytes() == FAQ.encode("gb18030")
    assert not (base / "eval").exists()


def test_a_row_that_is_there_twice_is_asked_once_and_said(base: Path) -> None:
    (base / "faq.csv").write_text(FAQ + FAQ, "utf-8")
    done = run(base, "eval", "run", "faq.csv")
    assert "2 questions: 2 can be answered" in done.stdout
    assert "kb: left out: 2 rows that repeat a question with its answer" in done.stderr


def test_a_second_run_of_the_same_file_is_sent_away(base: Path) -> None:
    with alone(base / "run.jsonl"):
        done = run(base, "eval", "run", "faq.csv", "--out", "run.jsonl")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("kb: another run is writing run.jsonl\nhint: wait for it")


def test_gold_that_is_nowhere_is_said(base: Path) -> None:
    (base / "q.csv").write_text(f"question,source,quote\n{QUESTION},leave.md,30 days\n")
    done = run(base, "eval", "run", "q.csv")
    assert "q.csv:2: gold not found in leave.md" in done.stderr


def test_without_documents_there_is_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text(FAQ, "utf-8")
    done = run(tmp_path, "eval", "run", "faq.csv")
    assert (done.returncode, done.stderr.splitlines()[0]) == (4, "kb: there are no documents to ask")


def test_an_interrupted_run_keeps_what_is_done_and_goes_on(base: Path) -> None:
    """The first question is small talk and needs no model; the second waits for one that is slow."""
    (base / "q.csv").write_text(f"question\nhello\n{QUESTION}\n")
    command = [sys.executable, "-m", "api.cli", "eval", "run", "q.csv", "--jobs", "1", "--out", "run.jsonl"]
    with ModelServer() as upstream:
        settings = {"KB_MODEL": "openai:slow", "KB_MODEL_URL": upstream.url, "KB_MODEL_KEY": "x"}
        settings |= {"KB_FIRST_TEXT": "60", "KB_DEADLINE": "60"}
        with subprocess.Popen(
            command,
            cwd=base,
            env=environment(base, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=listen,
        ) as process:
            assert upstream.wait_started()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what was asked is kept in run.jsonl" in err
    assert [row.case.question for row in record.read(base / "run.jsonl").rows] == ["hello"]
    (base / "run.jsonl").write_bytes((base / "run.jsonl").read_bytes() + b'{"case"')
    again = run(base, "eval", "run", "q.csv", "--out", "run.jsonl")
    assert "other settings (deadline, first_text, model, model_url)" in again.stderr
    assert len(record.read(base / "run.jsonl").rows) == 2
