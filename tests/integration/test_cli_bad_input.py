"""Whatever is wrong, the command line says it in one line with a hint, and nothing is lost."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from rag.catalog import open_catalog
from rag.settings import load

CONFIG, BAD_INPUT, PARTIAL, BACKEND = 2, 4, 5, 6
ROOT = Path(__file__).resolve().parents[2]
TEXT = """# Leave

Every employee has 25 days of annual leave a year.

# 年假

员工每年享有十五天带薪年假。
"""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    (made / "leave.md").write_text(TEXT, "utf-8")
    return made


def kb(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=120, cwd=Path.cwd()
    )


def said(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of the error, after checking that it is the only one and has a hint."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("kb: ")]
    assert done.returncode == code, done.stderr
    assert len(lines) == 1, done.stderr
    assert any(line.startswith("hint: ") for line in done.stderr.splitlines()), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return lines[0]


def answers() -> bool:
    done = kb("search", "annual leave")
    return "25 days" in done.stdout


def ingesting(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "api.cli", "ingest", str(folder)]
    # A test run in the background of a shell inherits an ignored SIGINT.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen
    )


@contextmanager
def holding_the_lock() -> Iterator[None]:
    with closing(open_catalog(load())) as catalog, catalog.lock("default"):
        yield


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def test_no_such_folder(tmp_path: Path) -> None:
    assert "nowhere" in said(kb("ingest", tmp_path / "nowhere"), BAD_INPUT)


def test_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no files" in said(kb("ingest", tmp_path / "empty"), BAD_INPUT)


def test_a_folder_of_only_unsupported_files(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/a.xyz").write_text("x")
    (tmp_path / "odd/b.bin").write_bytes(b"\0\1")
    line = said(kb("ingest", tmp_path / "odd"), BAD_INPUT)
    assert ".bin" in line
    assert ".xyz" in line


def test_a_damaged_file_is_named_and_the_rest_is_read(folder: Path) -> None:
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 this is no zip")
    done = kb("ingest", folder)
    assert done.returncode == PARTIAL, done.stderr
    assert "failed: broken.docx" in done.stdout
    assert "Traceback" not in done.stderr
    assert answers()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_read_permission_is_named_and_the_rest_is_read(folder: Path) -> None:
    (folder / "secret.md").write_text("secret")
    (folder / "secret.md").chmod(0)
    done = kb("ingest", folder)
    assert done.returncode == PARTIAL, done.stderr
    assert "failed: secret.md" in done.stdout
    assert answers()


@pytest.mark.parametrize(
    ("name", "value"),
    [("KB_LIMIT", "many"), ("KB_PORT", "99999"), ("KB_KEYS", "nonsense"), ("KB_TENANT", "../x")],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert name.removeprefix("KB_").lower() in said(kb("documents"), CONFIG).lower()


def test_a_wrong_settings_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kb.toml").write_text("limit = \n")
    assert "kb.toml" in said(kb("documents"), CONFIG)


@pytest.mark.parametrize("url", ["nonsense://x", "lokal", "weaviate://", "weaviate://host:port"])
def test_a_wrong_store_url(url: str, folder: Path) -> None:
    said(kb("ingest", folder, "--store", url), CONFIG)


def test_a_store_that_is_down(folder: Path) -> None:
    line = said(kb("ingest", folder, "--store", "weaviate://127.0.0.1:1"), BACKEND)
    assert "127.0.0.1:1" in line


def test_a_home_that_cannot_be_made(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "file").write_text("x")
    said(kb("ingest", folder, "--home", tmp_path / "file/home"), CONFIG)


def test_a_damaged_index_is_named_and_healed(folder: Path) -> None:
    assert kb("ingest", folder).returncode == 0
    assert kb("doctor").returncode == 0
    home = Path(os.environ["KB_HOME"])
    for path in [path for path in home.rglob("*") if path.is_file() and not path.name.startswith("kb.db")]:
        if path.parent.name != "locks" and path.stat().st_size:
            path.write_bytes(b"\xff" * path.stat().st_size)
    done = kb("doctor")
    assert done.returncode == BACKEND, done.stdout
    assert "FAULT  index" in done.stdout
    assert "kb doctor --fix" in done.stdout
    assert kb("doctor", "--fix").returncode == 0
    assert kb("doctor").returncode == 0
    assert answers()


def test_a_damaged_index_does_not_stop_a_question(folder: Path) -> None:
    assert kb("ingest", folder).returncode == 0
    home = Path(os.environ["KB_HOME"])
    for path in [path for path in home.rglob("*") if path.is_file() and not path.name.startswith("kb.db")]:
        if path.parent.name != "locks":
            path.unlink()
    assert answers()


def test_a_damaged_catalog_is_named(folder: Path) -> None:
    home = Path(os.environ["KB_HOME"])
    home.mkdir(mode=0o700)
    (home / "kb.db").write_bytes(b"this is no database" * 100)
    assert "catalog" in said(kb("ask", "leave"), BACKEND)
    done = kb("doctor")
    assert done.returncode == BACKEND
    assert "FAULT  catalog" in done.stdout


@pytest.mark.parametrize("question", ["", "   ", "\n", "\x00\x07\x1b"])
def test_an_empty_question(question: str) -> None:
    said(kb("ask", stdin=question), BAD_INPUT)


def test_a_question_of_a_million_characters() -> None:
    assert "4,000" in said(kb("ask", stdin="leave " * 200_000), BAD_INPUT)


def test_control_characters_in_a_question_do_no_harm(folder: Path) -> None:
    assert kb("ingest", folder).returncode == 0
    done = kb("ask", stdin="how many\x1b days\x07 of annual\x00 leave?")
    assert done.returncode == 0, done.stderr
    assert "25" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in said(kb("serve", "--port", port), CONFIG)


def test_other_addresses_without_keys() -> None:
    done = kb("serve", "--host", "0.0.0.0", "--port", "0")
    assert "keys" in said(done, CONFIG)
    assert "KB_KEYS" in done.stderr


def test_a_document_that_is_not_there() -> None:
    assert "nothing.md" in said(kb("show", "nothing.md"), BAD_INPUT)
    assert "nothing.md" in said(kb("delete", "--yes", "nothing.md"), BAD_INPUT)


def test_nothing_is_deleted_unasked(folder: Path) -> None:
    assert kb("ingest", folder).returncode == 0
    assert "--yes" in kb("delete", "leave.md").stderr
    said(kb("delete", "leave.md"), BAD_INPUT)
    assert answers()


def test_an_unknown_option_and_command() -> None:
    assert "--nonsense" in said(kb("ask", "--nonsense", "x"), BAD_INPUT)
    assert "serach" in said(kb("serach", "x"), BAD_INPUT)


def test_a_second_terminal_waits_names_the_holder_and_goes_on(folder: Path) -> None:
    with ingesting(folder) as second:
        with holding_the_lock():
            line = first_line(second)
            assert line.startswith(f"kb: waiting for process {os.getpid()}"), line
            assert second.poll() is None
        out, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "1 new" in out


def test_waiting_can_be_interrupted(folder: Path) -> None:
    with ingesting(folder) as second, holding_the_lock():
        assert "waiting" in first_line(second)
        second.send_signal(signal.SIGINT)
        assert second.wait(30) == 130
        assert first_line(second) == "kb: interrupted\n"


def test_two_ingests_at_once_both_succeed(folder: Path) -> None:
    for number in range(40):
        (folder / f"note{number}.md").write_text(
            f"# Note {number}\n\nThe code of room {number} is {number * 7}.\n"
        )
    with ingesting(folder) as first, ingesting(folder) as second:
        outs = [one.communicate(timeout=120)[0] for one in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    new = sorted(int(out.split(" new")[0].split()[-1]) for out in outs)
    assert new == [0, 41]


def test_a_reader_that_leaves_is_no_error(folder: Path) -> None:
    (folder / "long.md").write_text("# Long\n\n" + "a line of text\n" * 50_000)
    assert kb("ingest", folder).returncode == 0
    command = [sys.executable, "-m", "api.cli", "show", "long.md"]
    show = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert show.stdout is not None
    assert show.stderr is not None
    show.stdout.read(10)
    show.stdout.close()
    assert show.stderr.read() == b""
    show.stderr.close()
    assert show.wait(30) in (0, 141)
