"""Each wall, tried from within: a process that raised them attempts what a parser must not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.wall import confine, landlock, seccomp

ROOT = Path(__file__).parents[3]
filtered = pytest.mark.skipif(not seccomp.is_available(), reason="this system has no seccomp")
locked = pytest.mark.skipif(not landlock.version(), reason="this system has no Landlock")
limited = pytest.mark.skipif(sys.platform != "linux", reason="limits on memory hold on Linux")

TRIED = """
import json, sys
from pathlib import Path
from ingest.wall.confine import Walls
walls = Walls(256)
walls.raise_all([Path(sys.argv[1])])
try:
    said = eval(compile(sys.argv[2], "tried", "exec"), globals()) or locals().get("said")
except BaseException as error:
    said = type(error).__name__
sys.stdout.write(json.dumps(said))
"""


def tried(place, *lines):
    command = [sys.executable, "-c", TRIED, str(place), "\n".join(lines)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    return json.loads(done.stdout) if done.stdout else -done.returncode


@filtered
@pytest.mark.parametrize(
    "line",
    [
        "__import__('socket').socket()",
        "__import__('socket').socketpair()",
        "__import__('socket').create_connection(('127.0.0.1', 1))",
        "__import__('subprocess').run(['/bin/true'])",
        "__import__('os').fork()",
        "__import__('os').execv('/bin/true', ['true'])",
        "__import__('os').posix_spawn('/bin/true', ['true'], {})",
        "__import__('os').kill(__import__('os').getppid(), 0)",
        "__import__('os').open('/dev/null', __import__('os').O_WRONLY)",
        "__import__('os').chmod('/tmp', 0o777)",
        "__import__('os').mkdir('/tmp/kb-made-by-a-parser')",
        "__import__('os').pidfd_open(1)",
        "__import__('os').setpriority(0, 1, 19)",
        "__import__('fcntl').fcntl(0, __import__('fcntl').F_SETOWN, __import__('os').getppid())",
        "__import__('fcntl').fcntl(0, __import__('fcntl').F_SETSIG, 9)",
    ],
)
def test_what_a_parser_must_not_do_fails(tmp_path, line):
    assert tried(tmp_path, line) == "PermissionError"


@filtered
@pytest.mark.parametrize(
    "call", ["ptrace", "mount", "unshare", "chroot", "setns", "personality", "shmget", "inotify_init1"]
)
def test_calls_of_the_system_fail(tmp_path, call):
    said = tried(
        tmp_path,
        "import ctypes",
        "libc = ctypes.CDLL(None, use_errno=True)",
        f"said = libc.{call}(0, 0, 0, 0, 0), ctypes.get_errno()",
    )
    assert said == [-1, 1]


@filtered
def test_descriptors_can_still_be_asked_about(tmp_path):
    assert tried(tmp_path, "import fcntl", "said = fcntl.fcntl(1, fcntl.F_GETFD)") == 0


@filtered
def test_threads_work(tmp_path):
    said = tried(
        tmp_path,
        "import threading",
        "found = []",
        "thread = threading.Thread(target=lambda: found.append(1))",
        "thread.start()",
        "thread.join()",
        "said = found",
    )
    assert said == [1]


@locked
def test_only_what_is_allowed_can_be_read(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a").write_text("text")
    assert tried(inside, f"said = open({str(inside / 'a')!r}).read()") == "text"
    for line in (
        f"open({str(outside / 'a')!r})",
        f"__import__('os').listdir({str(outside)!r})",
        f"open({str(inside / '../out/a')!r})",
        "open('/etc/passwd')",
        "open('/proc/self/environ')",
    ):
        assert tried(inside, line) == "PermissionError"


@locked
def test_a_link_leads_nowhere_else(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    assert tried(tmp_path / "in", f"open({str(tmp_path / 'in/link')!r})") == "PermissionError"


@locked
def test_libraries_can_still_be_imported(tmp_path):
    assert tried(tmp_path, "import openpyxl, docx, pypdfium2", "said = 'imported'") == "imported"


@limited
def test_memory_of_one_file_is_bounded(tmp_path):
    assert tried(tmp_path, "with walls.around_file(20): b'x' * (1 << 30)") == "MemoryError"
    assert tried(tmp_path, "with walls.around_file(20): said = len(b'x' * (10 << 20))") == 10 << 20
    assert tried(tmp_path, "with walls.around_file(20): pass", "said = len(b'x' * (1 << 29))") == 1 << 29


@limited
def test_whoever_holds_much_already_still_has_half_for_a_file(tmp_path):
    held = "held = b'x' * (400 << 20)"
    assert tried(tmp_path, held, "with walls.around_file(20): said = len(b'x' * (64 << 20))") == 64 << 20
    assert tried(tmp_path, held, "with walls.around_file(20): b'x' * (200 << 20)") == "MemoryError"


@limited
def test_no_file_grows(tmp_path):
    file = tmp_path / "a"
    file.touch()
    said = tried(
        tmp_path,
        "import resource",
        "said = [resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)]",
    )
    assert said == [0, 0]


@limited
def test_processor_time_ends_what_cannot_be_interrupted(tmp_path, monkeypatch):
    line = (
        "import os, resource, signal",
        "os.cpu_count = lambda: 0",
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
        "with walls.around_file(1):",
        "    while True: pass",
    )
    assert tried(tmp_path, *line) == 24  # SIGXCPU


def test_the_walls_are_named():
    found = confine.layers()
    assert len(set(found)) == len(found)
    if sys.platform == "linux":
        assert {"memory", "processor time", "no writing of files"} <= set(found)
