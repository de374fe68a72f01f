"""A plan before anything is done, and the question before much is removed."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import run as ingest_run
from ingest.planning.estimate import RATE_FILE
from ingest.planning.order import Order
from ingest.planning.prune import Loss
from rag import open_system
from rag.errors import BadInput
from rag.settings import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    for number in range(12):
        (made / f"{number:02}.md").write_text(f"# Rule {number}\n\nRule {number} holds. 规定。\n", "utf-8")
    return made


def kb(docs: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "api.cli", "ingest", str(docs), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=120)


@pytest.mark.anyio
async def test_a_dry_run_makes_nothing_on_a_fresh_home(docs: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    async with open_system(load(home=home, embedder="hashing")) as system:
        report = await ingest_run.ingest(system, Order(docs, "default", dry_run=True))
    assert len(report.new) == 12
    assert not home.exists()


@pytest.mark.anyio
async def test_a_dry_run_of_a_paid_embedder_asks_it_nothing(docs: Path, tmp_path: Path) -> None:
    async with open_system(load(home=tmp_path / "fresh", embedder="openai:text-embedding-3-small")) as system:
        report = await ingest_run.ingest(system, Order(docs, "default", dry_run=True))
    assert report.estimate is not None
    assert report.estimate.dollars
    assert report.estimate.tokens > 50


def test_a_dry_run_tells_all_that_would_happen(docs: Path) -> None:
    assert kb(docs).returncode == 0
    (docs / "00.md").write_text("Changed.\n")
    (docs / "01.md").rename(docs / "moved.md")
    (docs / "02.md").unlink()
    (docs / "new.md").write_text("New.\n")
    (docs / "draft.md").write_text("Draft.\n")
    done = kb(docs, "--dry-run", "--prune", "--exclude", "draft*")
    assert done.returncode == 0
    for line in (
        "1 new, 1 changed, 1 moved, 9 unchanged, 1 removed, 0 missing, 0 skipped, 1 ignored, 0 failed",
        "would be read (new): new.md",
        "would be read (changed): 00.md",
        "moved: moved.md",
        "would be removed: 02.md",
        "time: about 1 s for 3 files",
    ):
        assert line in done.stdout
    assert "unchanged" in kb(docs, "--dry-run", "--prune", "--exclude", "draft*").stdout


def test_limits_of_the_command_line_hold(docs: Path, tmp_path: Path) -> None:
    (docs / "large.md").write_text("Words of a large file.\n\n" * 50_000)
    (docs / "hidden.html").write_text('<p>Seen.</p><p style="display:none">Not seen by anybody.</p>')
    done = kb(docs, "--max-file-mb", "1", "--hidden-text", "quarantine", "--ocr", "off")
    assert done.returncode == 5
    assert "large.md: too large" in done.stdout
    assert "hidden.html: quarantined" in done.stdout
    wrong = kb(docs, "--password-file", str(tmp_path / "none"))
    assert wrong.returncode == 2
    assert "passwords" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert "drop" in kb(docs, "--hidden-text", "maybe").stderr


def test_a_great_prune_needs_a_yes_where_nobody_can_be_asked(docs: Path) -> None:
    assert kb(docs).returncode == 0
    for number in range(4):
        (docs / f"{number:02}.md").unlink()
    done = kb(docs, "--prune")
    assert done.returncode == 4
    assert "--prune would remove 4 of the 12 documents" in done.stderr
    assert "4 removed" in kb(docs, "--prune", "--yes").stdout


@pytest.mark.parametrize(("answer", "code", "said"), [("y", 0, "4 removed"), ("", 4, "would remove 4")])
def test_a_person_is_asked_with_names_and_counts(docs: Path, answer: str, code: int, said: str) -> None:
    assert kb(docs).returncode == 0
    for number in range(4):
        (docs / f"{number:02}.md").unlink()
    status, shown = at_a_terminal(docs, answer)
    assert "Remove 4 of the 12 documents of default? [y/N]" in shown
    assert "00.md" in shown
    assert said in shown
    assert status == code


def at_a_terminal(docs: Path, answer: str) -> tuple[int, str]:
    """Exit code and everything shown of `kb ingest --prune` by a person who answers."""
    pid, terminal = pty.fork()
    if pid == 0:
        environment = {**os.environ, "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT), "TERM": "xterm"}
        command = [sys.executable, "-m", "api.cli", "ingest", str(docs), "--prune"]
        os.execve(sys.executable, command, environment)
    shown = b""
    try:
        while data := os.read(terminal, 4096):
            if b"[y/N]" in (shown := shown + data) and answer is not None:
                os.write(terminal, answer.encode() + b"\n")
                answer = None  # type: ignore[assignment]
    except OSError:  # the end, on Linux
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode("utf-8", "replace")


@pytest.mark.anyio
async def test_what_is_agreed_to_is_done_and_what_is_not_is_not(docs: Path, tmp_path: Path) -> None:
    asked: list[Loss] = []

    def agree(loss: Loss) -> bool:
        asked.append(loss)
        return len(asked) > 1

    async with open_system(load(home=tmp_path / "home", embedder="hashing", workers=1)) as system:
        await ingest_run.ingest(system, Order(docs, "default"))
        for number in range(4):
            (docs / f"{number:02}.md").unlink()
        order = Order(docs, "default", prune=True)
        with pytest.raises(BadInput):
            await ingest_run.ingest(system, order, agree=agree)
        report = await ingest_run.ingest(system, order, agree=agree)
    assert len(report.removed) == 4
    assert [(len(loss.gone), loss.of) for loss in asked] == [(4, 12), (4, 12)]


@pytest.mark.anyio
async def test_a_run_worth_noting_leaves_its_rate(docs: Path, tmp_path: Path) -> None:
    (docs / "large.md").write_text("Words of a large file.\n\n" * 50_000)
    home = tmp_path / "home"
    async with open_system(load(home=home, embedder="hashing", workers=1)) as system:
        await ingest_run.ingest(system, Order(docs, "default"))
        assert (home / RATE_FILE).is_file()
        (docs / "large.md").touch()
        report = await ingest_run.ingest(system, Order(docs, "default", dry_run=True))
    assert report.estimate is not None
    assert report.estimate.basis == "last run"
