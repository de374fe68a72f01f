"""Ctrl-C at the commands that write: one line, exit code 130, no child left, and the next run finishes."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from bench import kills

FEW = 12
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for children in /proc")

Command = Sequence[str]
# A test run in the background of a shell inherits an ignored SIGINT.
listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)


def kb(home: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "api.cli", *command, "--home", str(home)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def interrupted(home: Path, command: Command, when: Callable[[int, Path], object]) -> list[int]:
    """Run it, and send SIGINT as soon as `when` holds; returns the children that there were then."""
    line = [sys.executable, "-m", "api.cli", *command, "--home", str(home)]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listen
    ) as process:
        while not when(process.pid, home):
            assert process.poll() is None, "it came to its end"
        found = children(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    said = [line for line in err.splitlines() if not line.endswith(" left")]  # how far it was
    assert (process.returncode, out, said) == (130, "", ["kb: interrupted"])
    return found


def children(process: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        found += map(int, path.read_text().split())
    return found


def has_children(process: int, home: Path) -> bool:
    return bool(children(process))


def holds_the_lock(process: int, home: Path) -> bool:
    return (home / "locks/default.holder").exists()


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


@pytest.fixture
def folder(shared_data: Path, tmp_path: Path) -> Path:
    return kills.documents(tmp_path / "docs", FEW)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One that knows the folder as a source, and has read nothing."""
    home, docs = tmp_path / "kb", tmp_path / "docs"
    docs.mkdir(exist_ok=True)
    assert kb(home, "source", "add", "shelf", str(docs)).returncode == 0
    return home


@pytest.mark.parametrize("when", [has_children, holds_the_lock])
@pytest.mark.parametrize("verb", ["ingest", "sync"])
def test_reading_is_interrupted(
    folder: Path, home: Path, tmp_path: Path, verb: str, when: Callable[[int, Path], bool]
) -> None:
    command = [verb, str(folder) if verb == "ingest" else "shelf"]
    undisturbed = shutil.copytree(home, tmp_path / "undisturbed")
    assert not [child for child in interrupted(home, command, when) if is_there(child)]
    for one in (home, undisturbed):
        assert kb(one, *command).returncode == 0
    assert kills.examine(home) == kills.examine(undisturbed)


def test_a_deletion_is_interrupted(folder: Path, home: Path, tmp_path: Path) -> None:
    assert kb(home, "sync", "shelf").returncode == 0
    interrupted(home, ["delete", "--source", "shelf", "--yes"], holds_the_lock)
    assert kb(home, "delete", "--source", "shelf", "--yes").returncode == 0
    assert kills.examine(home).faults == ()
    assert kb(home, "documents").stdout.strip() == ""
