"""What the commands print, for people and as JSON, on a small home of English and Chinese."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api import schemas
from tests.servers.model import ModelServer

# A test run in the background of a shell inherits an ignored SIGINT.
listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)

ROOT = Path(__file__).resolve().parents[2]
LEAVE = "# Leave\n\nEvery employee has 25 days of annual leave a year.\n\nIt cannot be paid out.\n"
CHINESE = "# 年假\n\n员工每年享有十五天带薪年假，需提前两周申请。\n"
HOSTILE = "# Colours\n\nThe alarm \x1b[31mcode is\x1b]0;owned\x07 4711 in the red room.\n"
QUESTION = "How many days of annual leave are there?"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli")
    (made / "docs/hr").mkdir(parents=True)
    (made / "docs/hr/leave.md").write_text(LEAVE, "utf-8")
    (made / "docs/年假.md").write_text(CHINESE, "utf-8")
    (made / "docs/colours.md").write_text(HOSTILE, "utf-8")
    done = run(made, "ingest", str(made / "docs"))
    assert done.returncode == 0, done.stderr
    return made


def environment(base: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    ours = {"KB_HOME": str(base / "home"), "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT)}
    return kept | ours | {"XDG_CONFIG_HOME": str(base), "KB_PLUGINS": "off"} | more


def run(base: Path, *arguments: str, stdin: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env=environment(base, **more),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def data(base: Path, *arguments: str, code: int = 0, stdin: str = "") -> dict[str, Any]:
    """`data` of the one object that a command prints with --json."""
    done = run(base, *arguments, "--json", stdin=stdin)
    assert done.returncode == code, done.stderr
    assert done.stdout.count("\n") == 1
    made = json.loads(done.stdout)
    assert set(made) == {"ok", "data", "meta"}
    assert made["ok"] is True
    assert made["meta"]["version"]
    assert made["meta"]["seconds"] > 0
    return dict(made["data"])


# --- JSON


def test_documents(base: Path) -> None:
    listed = schemas.Documents.model_validate_json(json.dumps(data(base, "documents"))).documents
    assert [document.source for document in listed] == ["colours.md", "hr/leave.md", "年假.md"]
    assert {document.status for document in listed} == {"ok"}
    assert data(base, "documents", "-c", "nothing") == {"documents": []}


@pytest.mark.parametrize("question", [QUESTION, "年假有几天？"])
def test_every_quote_stands_in_the_shown_text(base: Path, question: str) -> None:
    answer = schemas.Answer.model_validate_json(json.dumps(data(base, "ask", question)))
    assert answer.status == "answered"
    for citation in answer.citations:
        text = run(base, "show", citation.document).stdout
        assert text[citation.start : citation.end] == citation.quote


def test_search(base: Path) -> None:
    hits = schemas.Hits.model_validate_json(json.dumps(data(base, "search", QUESTION, "-n", "1"))).hits
    assert [hit.source for hit in hits] == ["hr/leave.md"]
    assert LEAVE[hits[0].start : hits[0].end] == hits[0].text


def test_show_gives_the_text_and_its_versions(base: Path) -> None:
    shown = data(base, "show", "hr/leave.md")
    assert shown["text"] == LEAVE
    assert shown["source"] == "hr/leave.md"
    assert shown["report"]["versions"] == [{"id": shown["version"], "state": "current"}]
    assert data(base, "show", shown["document"], "--version", shown["version"])["text"] == LEAVE


def test_what_is_not_there_is_an_answer_with_exit_code_1(base: Path) -> None:
    answer = data(base, "ask", "Who won the football world cup of 1954?", code=1)
    assert answer["status"] == "not_found"
    assert answer["reason"]


def test_a_question_comes_from_standard_input_too(base: Path) -> None:
    for arguments in ([], ["-"]):
        assert data(base, "ask", *arguments, stdin=QUESTION + "\n")["status"] == "answered"


def test_ingest_twice_and_delete(base: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/leave.md").write_text(LEAVE)
    (tmp_path / "docs/photo.xyz").write_bytes(b"\x89PNG")
    assert data(tmp_path, "ingest", str(tmp_path / "docs"), "--dry-run")["new"] == ["leave.md"]
    first = data(tmp_path, "ingest", str(tmp_path / "docs"), "--allow", "staff")
    assert (first["new"], first["skipped"]) == (["leave.md"], ["photo.xyz"])
    again = data(tmp_path, "ingest", str(tmp_path / "docs"))
    assert (again["new"], again["unchanged"]) == ([], 1)
    assert data(tmp_path, "documents")["documents"][0]["groups"] == ["staff"]
    data(tmp_path, "ingest", str(tmp_path / "docs"), "--allow", "everyone")
    assert data(tmp_path, "documents")["documents"][0]["groups"] == []
    receipt = data(tmp_path, "delete", "leave.md", "--yes")
    assert receipt["left"] == []
    assert receipt["versions"] == 1
    assert data(tmp_path, "documents") == {"documents": []}


def test_a_missing_file_answers_until_it_is_pruned(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a.md", "b.md"):
        (tmp_path / "docs" / name).write_text(f"# {name}\n\nThe code of {name} is 7.\n")
    data(tmp_path, "ingest", str(tmp_path / "docs"))
    (tmp_path / "docs/b.md").unlink()
    assert data(tmp_path, "ingest", str(tmp_path / "docs"))["missing"] == ["b.md"]
    assert "--prune" in run(tmp_path, "ingest", str(tmp_path / "docs")).stdout
    assert data(tmp_path, "ingest", str(tmp_path / "docs"), "--prune")["removed"] == ["b.md"]


def test_doctor_config_and_version(base: Path) -> None:
    assert data(base, "doctor")["healthy"] is True
    settings = {row["name"]: row for row in data(base, "config", "--store", "memory")["settings"]}
    assert (settings["store"]["value"], settings["store"]["origin"]) == ("memory", "flag")
    assert data(base, "version")["version"]


def test_explain(base: Path) -> None:
    made = data(base, "explain", QUESTION)
    assert made["answer"]["status"] == "answered"
    assert made["ranked"][0]["source"] == "hr/leave.md"


def test_an_error_is_an_object_too(base: Path) -> None:
    done = run(base, "show", "nothing", "--json")
    made = json.loads(done.stdout)
    assert done.returncode == 4
    assert made["ok"] is False
    assert set(made["error"]) == {"type", "title", "status", "detail", "code", "hint"}


# --- for people


def test_an_answer_ends_with_the_places_it_comes_from(base: Path) -> None:
    done = run(base, "ask", QUESTION)
    assert done.returncode == 0
    assert "25 days" in done.stdout.splitlines()[0]
    assert '[1] Leave — hr/leave.md, "Leave"' in done.stdout
    assert done.stderr == ""


def test_chinese_is_printed_whatever_the_locale(base: Path) -> None:
    for locale in ("C", "POSIX", "de_DE.ISO-8859-1"):
        done = run(base, "ask", "年假有几天？", LC_ALL=locale, LANG=locale, PYTHONIOENCODING="latin-1")
        assert "十五天" in done.stdout


def test_show_is_exact_to_the_byte_unless_a_terminal_looks(base: Path) -> None:
    exact = subprocess.run(
        [sys.executable, "-m", "api.cli", "show", "colours.md"], env=environment(base), capture_output=True
    )
    assert exact.stdout == HOSTILE.encode()
    seen = on_terminal(base, "show", "colours.md")
    assert "\x1b" not in seen
    assert "code is 4711" in seen


def test_documents_cannot_speak_to_the_terminal(base: Path) -> None:
    for arguments in (["ask", "What is the alarm code?"], ["search", "alarm code"], ["documents"]):
        for output in (run(base, *arguments).stdout, on_terminal(base, *arguments, NO_COLOR="1")):
            assert "\x1b" not in output
            assert "\x07" not in output


def test_colour_only_for_a_terminal_that_wants_it(base: Path) -> None:
    assert "\x1b[1m" in on_terminal(base, "search", QUESTION)
    assert "\x1b" not in on_terminal(base, "search", QUESTION, NO_COLOR="1")
    assert "\x1b" not in on_terminal(base, "search", QUESTION, TERM="dumb")
    assert "\x1b" not in run(base, "search", QUESTION).stdout


def test_a_conversation_from_a_pipe(base: Path) -> None:
    done = run(
        base, "chat", stdin=f"/sources\n{QUESTION}\n/sources\n/new\n\nand in 年假？\n/quit\nnever read\n"
    )
    assert done.returncode == 0, done.stderr
    assert "25 days" in done.stdout
    assert "hr/leave.md" in done.stdout
    assert "nothing was answered yet" in done.stderr


def test_a_wrong_turn_does_not_end_a_conversation(base: Path) -> None:
    done = run(base, "chat", stdin="x" * 5_000 + f"\n{QUESTION}\n")
    assert "kb: " in done.stderr
    assert "25 days" in done.stdout


def test_ctrl_c_stops_the_answer_and_not_the_conversation(base: Path) -> None:
    with ModelServer() as upstream:
        settings = {"KB_MODEL": "openai:slow", "KB_MODEL_URL": upstream.url, "KB_MODEL_KEY": "x"}
        with subprocess.Popen(
            [sys.executable, "-m", "api.cli", "chat"],
            env=environment(base, KB_FIRST_TEXT="60", KB_DEADLINE="60", **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=listen,
        ) as process:
            assert process.stdin is not None
            process.stdin.write(QUESTION + "\n")
            process.stdin.flush()
            assert upstream.wait_started()
            process.send_signal(signal.SIGINT)
            assert upstream.wait_disconnect()
            _, err = process.communicate("/sources\n", timeout=60)
    assert process.returncode == 0
    assert "kb: stopped" in err
    assert "nothing was answered yet" in err


def test_ctrl_c_ends_a_question(base: Path) -> None:
    with ModelServer() as upstream:
        settings = {"KB_MODEL": "openai:slow", "KB_MODEL_URL": upstream.url, "KB_MODEL_KEY": "x"}
        with subprocess.Popen(
            [sys.executable, "-m", "api.cli", "ask", QUESTION],
            env=environment(base, KB_FIRST_TEXT="60", KB_DEADLINE="60", **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=listen,
        ) as process:
            assert upstream.wait_started()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert upstream.wait_disconnect()
    assert (process.returncode, out, err) == (130, "", "kb: interrupted\n")


def test_an_answer_without_its_model_says_so(base: Path) -> None:
    done = run(base, "ask", QUESTION, "--model", "scripted:rubbish")
    assert "25 days" in done.stdout
    assert done.stderr.startswith("kb: answered without the model: ")
    assert done.stderr.count("\n") == 1


def on_terminal(base: Path, *arguments: str, **more: str) -> str:
    """What a command prints on a pseudo terminal."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "api.cli", *arguments],
            env=environment(base, **({"TERM": "xterm"} | more)),
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        ) as process:
            os.close(theirs)
            return b"".join(_read(ours, process)).decode("utf-8", "replace")
    finally:
        os.close(ours)


def _read(terminal: int, process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    while True:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, "the command says nothing and does not end"
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux: the other end is closed
            return
        if not part:
            return
        yield part
