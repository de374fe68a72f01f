"""`kb source` and `kb sync` as a person uses them."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.http import WebServer

ROOT = Path(__file__).resolve().parents[2]
START = [sys.executable, "-m", "api.cli"]


class Kb:
    """The command line, with a home of its own."""

    def __init__(self, base: Path) -> None:
        self.base = base
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
        ours = {"KB_HOME": str(base / "home"), "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT)}
        self.environment = kept | ours | {"XDG_CONFIG_HOME": str(base), "KB_PLUGINS": "off"}

    def run(self, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [*START, *arguments],
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    @contextmanager
    def running(self, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
        """In the background; it must end well on SIGTERM."""
        options = {"env": self.environment, "stdin": subprocess.DEVNULL, "encoding": "utf-8"}
        process = subprocess.Popen(
            [*START, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )
        late = threading.Timer(90, process.kill)
        late.start()
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, "Traceback" in errors) == (0, False), errors
        finally:
            late.cancel()
            process.kill()
            process.communicate()


@pytest.fixture
def kb(tmp_path):
    return Kb(tmp_path)


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nTwenty days.\n", "utf-8")
    (folder / "年假.md").write_text("# 年假\n\n年假十天。\n", "utf-8")
    return folder


def test_a_source_is_kept_shown_read_and_forgotten(kb, docs):
    said = kb.run(
        "source", "add", "docs", str(docs), "-c", "hr", "--allow", "staff", "--exclude", "*.tmp"
    ).stderr
    assert "kb sync docs reads it" in said
    assert "2 new" in kb.run("sync", "docs").stdout
    assert "2 new" in kb.run("source", "list").stdout
    shown = json.loads(kb.run("source", "show", "docs", "--json").stdout)["data"]
    assert (shown["documents"], shown["groups"], shown["exclude"]) == (2, ["staff"], ["*.tmp"])
    assert "hint: kb delete --source docs removes them" in kb.run("source", "remove", "docs").stderr
    assert "no source named 'docs'" in kb.run("sync", "docs", code=4).stderr


def test_a_source_that_is_down_stops_no_other_and_the_exit_code_says_it(kb, docs):
    kb.environment["KB_PRIVATE_HOSTS"] = "127.0.0.1:9"
    kb.run("source", "add", "a-site", "http://127.0.0.1:9/")
    kb.run("source", "add", "docs", str(docs))
    done = kb.run("sync", code=6)
    assert "kb: a-site: no connection to 127.0.0.1:9" in done.stderr
    assert "docs: default: done: 2 new" in done.stdout
    assert "failed: no connection" in kb.run("source", "list").stdout
    found = json.loads(kb.run("sync", "--json", code=6).stdout)["data"]["sources"]
    assert [(one["name"], "report" in one) for one in found] == [("a-site", False), ("docs", True)]


def test_files_that_could_not_be_read_are_an_exit_code_of_their_own(kb, docs):
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    kb.run("source", "add", "docs", str(docs))
    assert "broken.pdf" in kb.run("sync", code=5).stdout


def test_a_site_on_the_own_network_must_be_named(kb):
    with WebServer() as server:
        server.page("/", "<p>Twenty days.</p>")
        kb.run("source", "add", "site", server.url)
        assert f"KB_PRIVATE_HOSTS={server.host}" in kb.run("sync", code=4).stderr
        kb.environment["KB_PRIVATE_HOSTS"] = server.host
        assert "1 new" in kb.run("sync").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sync"], "there are no sources"),
        (["sync", "--every", "soon"], "--every soon: a time was expected"),
        (["sync", "--every", "10m", "--watch"], "exclude each other"),
        (["source", "add", "x", "https://a.org", "--set", "depth"], "OPTION=VALUE was expected"),
        (["source", "add", "x", "https://a.org", "--set", "password=hunter2"], "secrets are not stored"),
        (["source", "show", "x"], "no source named 'x'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_a_hint(kb, arguments, said):
    errors = kb.run(*arguments, code=4).stderr
    assert said in errors
    assert errors.splitlines()[1].startswith("hint: ")


def test_a_source_elsewhere_cannot_be_watched(kb):
    kb.run("source", "add", "site", "https://example.org/")
    assert "cannot be watched" in kb.run("sync", "site", "--watch", code=4).stderr


def test_every_so_often_until_it_is_told_to_stop(kb, docs):
    kb.run("source", "add", "docs", str(docs))
    with kb.running("sync", "--every", "1s") as process:
        assert process.stdout is not None
        assert "2 new" in process.stdout.readline()
        (docs / "new.md").write_text("# New\n\nWords.\n", "utf-8")
        assert any("1 new" in line for line in process.stdout)


def test_a_folder_is_watched_until_it_is_told_to_stop(kb, docs):
    kb.run("source", "add", "docs", str(docs))
    with kb.running("sync", "--watch") as process:
        assert process.stdout is not None
        assert "2 new" in process.stdout.readline()
        (docs / "new.md").write_text("# New\n\nWords.\n", "utf-8")
        assert "1 new" in process.stdout.readline()
        (docs / "new.md").unlink()
        assert "1 removed" in process.stdout.readline()
