"""From a question that found nothing to an FAQ entry and back, by the commands."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api import cli

ROOT = Path(__file__).resolve().parents[2]
LEAVE = (
    "# Leave\n\nEvery employee has 25 days of annual leave a year.\n\n## Can it be paid out?\n\nNo, never.\n"
    "\n## Travel\n\nTrain tickets are reimbursed within a month.\n"
)
CHINESE = "# 年假\n\n员工每年享有十五天带薪年假，需提前两周申请，公司另行通知。\n"
GYM = [
    "Is any gym or swimming pool subscription sponsored monthly?",
    "Which gym or swimming pool subscription is sponsored each month?",
]
STOCK = "公司股票代码是什么？"


class Shell:
    """Commands in this process, on this test's home."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        found = cli.run(list(arguments))
        out, err = self._capsys.readouterr()
        assert found == code, err
        return out + err

    def forget_output(self) -> None:
        self._capsys.readouterr()

    def data(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code).splitlines()[0])["data"]

    def listed(self, *arguments: str) -> list[list[str]]:
        found = self.data("unanswered", *arguments)["clusters"]
        return [sorted(one["text"] for one in cluster["questions"]) for cluster in found]

    def id_of(self, question: str) -> str:
        for cluster in self.data("unanswered")["clusters"]:
            if question in [one["text"] for one in cluster["questions"]]:
                return str(cluster["id"])
        raise AssertionError(f"{question} is not listed")


@pytest.fixture
def kb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")
    monkeypatch.setenv("KB_WORKERS", "1")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/leave.md").write_text(LEAVE, "utf-8")
    (tmp_path / "docs/年假.md").write_text(CHINESE, "utf-8")
    shell = Shell(capsys)
    shell("ingest", str(tmp_path / "docs"))
    for question in [*GYM, GYM[0], STOCK]:
        shell.data("ask", question, code=1)
    shell("ask", "How much annual leave is there?")
    return shell


def test_what_was_not_answered_is_listed_by_meaning_and_count(kb: Shell) -> None:
    assert kb.listed() == [sorted(GYM), [STOCK]]
    first = kb.data("unanswered")["clusters"][0]
    assert (first["count"], first["collection"]) == (3, "default")
    assert {near["source"] for near in first["nearest"]} <= {"leave.md", "年假.md"}
    assert kb.listed("-n", "1") == [sorted(GYM)]
    assert kb.listed("-c", "nothing") == []


def test_a_list_that_was_narrowed_says_so(kb: Shell) -> None:
    assert "of these days or this collection" in kb("unanswered", "-c", "nowhere")


def test_an_entry_answers_the_cluster_and_is_cited(kb: Shell, tmp_path: Path) -> None:
    made = kb.data(
        "unanswered", "answer", kb.id_of(GYM[0]), "Half of a gym or swimming pool subscription is sponsored."
    )
    assert [(one["answered"], one["by_entry"]) for one in made["asked"]] == [(True, True)] * 2
    assert Path(made["file"]).is_relative_to(tmp_path / "home")
    for question in GYM:
        answer = kb.data("ask", question)
        assert answer["text"].startswith("Half of a gym or swimming pool subscription is sponsored.")
        assert answer["citations"][0]["source"] == "faq.md"
    assert kb.listed() == [[STOCK]]


def test_a_chinese_entry_goes_into_the_same_file(kb: Shell) -> None:
    kb("unanswered", "answer", kb.id_of(GYM[0]), "Half of a gym or swimming pool subscription is sponsored.")
    kb("unanswered", "answer", kb.id_of(STOCK), "公司没有上市，所以没有股票代码。")
    assert "没有上市" in kb.data("ask", STOCK)["text"]
    assert kb.listed() == []
    assert [one["source"] for one in kb.data("documents")["documents"]] == ["faq.md", "leave.md", "年假.md"]


def test_deleting_the_faq_brings_its_questions_back(kb: Shell) -> None:
    kb("unanswered", "answer", kb.id_of(GYM[0]), "Half of a gym or swimming pool subscription is sponsored.")
    cli.run(["delete", "faq.md", "--yes"])
    kb.forget_output()
    assert sorted(GYM) in kb.listed()
    assert next(one for one in kb.data("unanswered")["clusters"] if len(one["questions"]) == 2)["count"] == 3


def test_nothing_is_left_of_a_deleted_faq_but_what_people_asked(kb: Shell) -> None:
    kb("unanswered", "answer", kb.id_of(GYM[0]), "Half of a gym or swimming pool subscription is sponsored.")
    assert kb.data("delete", "faq.md", "--yes")["left"] == []


def test_a_question_is_forgotten_with_the_document_that_was_nearest(kb: Shell, tmp_path: Path) -> None:
    near = kb.data("unanswered")["clusters"][0]["nearest"]
    for source in {one["source"] for one in near}:
        kb("delete", source, "--yes")
    assert sorted(GYM) not in kb.listed()
    assert b"gym or swimming" not in b"".join(one.read_bytes() for one in (tmp_path / "home").glob("kb.db*"))


def test_an_entry_may_be_for_a_group_only(kb: Shell) -> None:
    wanted = kb.id_of(GYM[0])
    made = kb.data(
        "unanswered",
        "answer",
        wanted,
        "Half of a gym or swimming pool subscription is sponsored.",
        "--allow",
        "staff",
    )
    assert {one["by_entry"] for one in made["asked"]} == {True}
    assert [d["groups"] for d in kb.data("documents")["documents"] if d["source"] == "faq.md"] == [["staff"]]


def test_a_better_answer_takes_the_place_of_the_first(kb: Shell, tmp_path: Path) -> None:
    file = tmp_path / "ours.md"
    file.write_text("# Ours\n\nBy hand.\n", "utf-8")
    wanted = kb.id_of(GYM[0])
    options = ("--file", str(file), "--question", "Is a gym sponsored?")
    kb("unanswered", "answer", wanted, "Perhaps.", *options)
    cli.run(["delete", "ours.md", "--yes"])
    kb.forget_output()
    kb("unanswered", "answer", wanted, "Half of a gym or swimming pool subscription is sponsored.", *options)
    text = file.read_text("utf-8")
    assert text.startswith("# Ours\n\nBy hand.\n")
    assert "Perhaps." not in text
    assert text.count("## ") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zzzzzzzz", "x"], "no unanswered question 'zzzzzzzz'"),
        (["ID", " "], "the answer is empty"),
        (["ID", "# A heading"], "one entry"),
        (["ID", "x", "--file", "faq.txt"], "no Markdown file"),
    ],
)
def test_a_wrong_answer_is_one_line_and_changes_nothing(kb: Shell, arguments: list[str], said: str) -> None:
    before = kb.listed()
    named = [kb.id_of(STOCK) if one == "ID" else one for one in arguments]
    assert said in kb("unanswered", "answer", *named, code=4)
    assert kb.listed() == before
    assert len(kb.data("documents")["documents"]) == 2


def test_drafts_come_from_documents_and_from_what_was_asked(kb: Shell, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    made = kb.data("eval", "make", "-o", str(out))
    assert (made["added"], made["kept"]) == (5, 0)
    assert made["kinds"] == {"asked": 1, "asked-not-found": 2, "faq": 1, "number": 1}
    for line in map(json.loads, out.read_text("utf-8").splitlines()):
        assert line["confirmed"] is False
        for gold in line["gold"]:
            assert LEAVE[gold["start"] : gold["end"]] == gold["quote"]
    held = out.read_bytes()
    assert kb.data("eval", "make", "-o", str(out))["added"] == 0
    assert out.read_bytes() == held
    assert kb.data("eval", "make", "-o", str(out), "--count", "2", "--from", "asked")["kept"] == 5


def test_drafts_are_the_same_for_the_same_seed(kb: Shell, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.jsonl"
        kb("eval", "make", "-o", str(out), "--seed", "3", "--from", "documents")
        made.append(out.read_text("utf-8"))
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "q.csv"], "lines of JSON"),
        (["--from", "nowhere"], "'nowhere'"),
        (["-o", "none/q.jsonl"], "no folder"),
    ],
)
def test_a_wrong_order_for_drafts_is_one_line(kb: Shell, arguments: list[str], said: str) -> None:
    assert said in kb("eval", "make", *arguments, code=4)


def test_without_a_terminal_one_is_told_to_edit_the_file(kb: Shell, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    kb("eval", "make", "-o", str(out))
    assert '"confirmed": true' in kb("eval", "confirm", str(out), code=4)


class Person:
    """Somebody at a terminal who confirms."""

    def __init__(self, file: Path) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "eval", "confirm", str(file)],
            env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        os.close(theirs)
        self.seen = ""

    def sees(self, wanted: str) -> None:
        while wanted not in self.seen:
            ready, _, _ = select.select([self._ours], [], [], 60)
            assert ready, self.seen
            self.seen += os.read(self._ours, 65536).decode("utf-8", "replace")
        self.seen = self.seen.partition(wanted)[2]

    def types(self, *lines: str) -> None:
        for line in lines:
            os.write(self._ours, f"{line}\n".encode())

    def interrupts(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def leaves(self) -> int:
        code = self._process.wait(60)
        os.close(self._ours)
        return code


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "q.jsonl"
    lines = [
        {"id": f"draft-{i}", "question": f"Question {i}?", "answer": "x", "confirmed": False}
        for i in range(4)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def decisions(path: Path) -> list[tuple[str, bool, bool]]:
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    return [(line["question"], line["confirmed"], line.get("dropped", False)) for line in lines]


def test_a_person_confirms_drops_edits_and_skips(file: Path) -> None:
    person = Person(file)
    for keys in (["y"], ["n"], ["e", "改过的问题？", "y"], ["s"]):
        for key in keys:
            person.sees(": ")
            person.types(key)
    person.sees("2 confirmed, 1 dropped, 1 still wait")
    assert person.leaves() == 0
    assert decisions(file) == [
        ("Question 0?", True, False),
        ("Question 1?", False, True),
        ("改过的问题？", True, False),
        ("Question 3?", False, False),
    ]


def test_an_interrupt_keeps_what_was_decided(file: Path) -> None:
    person = Person(file)
    person.sees("1 of 4")
    person.sees("uit: ")
    person.types("y")
    person.sees("2 of 4")
    person.sees("uit: ")
    person.interrupts()
    assert person.leaves() == 130
    assert [confirmed for _, confirmed, _ in decisions(file)] == [True, False, False, False]
    assert [one.name for one in file.parent.glob("*q.jsonl*")] == ["q.jsonl"]
