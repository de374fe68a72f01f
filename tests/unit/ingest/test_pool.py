import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.options import Options
from ingest.wall import child as child_module
from ingest.wall import driver as driver_module
from ingest.wall.child import Child, environment
from ingest.wall.pool import Pool, Task
from rag.embedders import wordllama
from rag.errors import BackendError, ConfigError
from rag.settings import Settings

# A child whose reader of plain text does what the text says.
HOSTILE = """
import os, signal, sys
from dataclasses import replace
from ingest.loaders import text
from rag.types import Box
first = not os.path.exists(os.environ["LANG"])
open(os.environ["LANG"], "w").close()
load = text.load
def hostile(data, name):
    if data == b"crash": os.abort()
    if data == b"killed once" and first: os.kill(os.getpid(), signal.SIGKILL)
    if data == b"hang":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        while True: pass
    if data == b"print": print("noise", flush=True)
    if data == b"memory": b"x" * (8 << 30)
    if data == b"bloat and die": hostile.kept = bytearray(b"x" * (700 << 20)); os.abort()
    if data == b"lie": return replace(load(data, name), boxes=(Box(0, 1, 0, 0, 0, 0, 0),))
    if data == b"who": return load(str(os.getpid()).encode(), name)
    return load(data, name)
text.load = hostile
from ingest.wall.worker import main; main()
"""


@pytest.fixture
def hostile(monkeypatch, tmp_path):
    monkeypatch.setattr(child_module, "_START", HOSTILE)
    monkeypatch.setenv("LANG", str(tmp_path / "started"))


def files(folder, contents):
    tasks = []
    for name, data in contents.items():
        path = folder / name
        path.write_bytes(data)
        tasks.append(Task(f"place of {name}", name, path, embed=True))
    return tasks


def outcome(results):
    return {result.place.removeprefix("place of "): result.error for result in results}


def test_files_are_parsed_and_embedded(tmp_path):
    tasks = files(tmp_path, {f"{n}.md": f"# T{n}\n\ntext {n}\n".encode() for n in range(30)})
    with Pool(Settings(workers=2)) as pool:
        found = {result.place: result for result in pool.parse(tasks)}
        texts = ["annual leave", "年假"] * 300
        vectors = pool.embed(texts)
    assert len(found) == 30
    one = found["place of 7.md"]
    assert one.loaded.text == "# T7\n\ntext 7\n"
    assert one.vectors.shape == (1, 256)
    assert one.embed == ()
    assert (vectors == wordllama.connect("", Settings()).passages(texts)).all()


def test_texts_are_embedded_while_files_are_parsed(tmp_path):
    tasks = files(tmp_path, {f"{n}.txt": b"text" for n in range(20)})
    with Pool(Settings(workers=1)) as pool:
        results = pool.parse(tasks)
        next(results)
        assert pool.embed(["a"]).shape == (1, 256)
        assert len(list(results)) == 19
        assert pool.embed([]).shape[0] == 0


def test_a_file_that_crashes_its_parser_is_reported_and_the_run_goes_on(tmp_path, hostile):
    contents = {f"{n}.txt": b"fine" for n in range(10)}
    with Pool(Settings(workers=2)) as pool:
        found = outcome(pool.parse(files(tmp_path, contents | {"bad.txt": b"crash"})))
    assert found.pop("bad.txt") == "the parser crashed"
    assert set(found.values()) == {""}
    assert len(found) == 10


def test_a_file_whose_child_was_killed_by_chance_is_read_all_the_same(tmp_path, hostile):
    with Pool(Settings(workers=1)) as pool:
        found = outcome(pool.parse(files(tmp_path, {"a.txt": b"killed once", "b.txt": b"fine"})))
    assert found == {"a.txt": "", "b.txt": ""}


def test_a_parser_that_hangs_beyond_rescue_is_killed(tmp_path, hostile, monkeypatch):
    monkeypatch.setattr(driver_module, "GRACE_SECONDS", 0)
    with Pool(Settings(workers=1, parse_seconds=1)) as pool:
        found = outcome(pool.parse(files(tmp_path, {"bad.txt": b"hang", "good.txt": b"fine"})))
    assert "longer than 1 s" in found["bad.txt"]
    assert found["good.txt"] == ""


def test_noise_and_bloat_of_a_parser_stay_with_its_file(tmp_path, hostile):
    contents = {"a.txt": b"print", "b.txt": b"memory", "c.txt": b"fine", "d.txt": b"bloat and die"}
    with Pool(Settings(workers=1)) as pool:
        found = {r.place[9:]: (r.state, r.error) for r in pool.parse(files(tmp_path, contents))}
    assert found["a.txt"] == found["c.txt"] == ("", "")
    for name in ("b.txt", "d.txt"):
        assert found[name] == ("too large", "parsing it takes more memory than a worker may have")


def test_a_result_that_does_not_hold_together_is_that_of_a_crash(tmp_path, hostile):
    with Pool(Settings(workers=1)) as pool:
        found = outcome(pool.parse(files(tmp_path, {"a.txt": b"lie", "b.txt": b"fine"})))
    assert found == {"a.txt": "the parser crashed", "b.txt": ""}


def test_a_child_is_replaced_after_so_many_files(tmp_path, hostile, monkeypatch):
    monkeypatch.setattr(driver_module, "LIFE", 5)
    monkeypatch.setattr(driver_module, "_HEIR_FROM", 3)
    with Pool(Settings(workers=1)) as pool:
        found = [
            result.loaded.text
            for result in pool.parse(files(tmp_path, {f"{n}.txt": b"who" for n in range(12)}))
        ]
    served = [found.count(process) for process in dict.fromkeys(found)]
    assert served == [5, 5, 2]


def test_a_file_may_be_given_its_title_and_language(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("# Own\n\ntext\n")
    with Pool(Settings(workers=1)) as pool:
        (found,) = pool.parse([Task("p", "a.md", path, title="给定", language="zh")])
    assert (found.loaded.title, found.language) == ("给定", "zh")


def test_children_that_do_not_start_are_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(child_module, "_START", "raise SystemExit(1)")
    with Pool(Settings(workers=2)) as pool:
        with pytest.raises(ConfigError):
            list(pool.parse(files(tmp_path, {"a.txt": b"x"})))
        with pytest.raises(ConfigError):
            pool.embed(["a"])


def test_a_run_may_be_left_early(tmp_path):
    tasks = files(tmp_path, {f"{n}.txt": b"text" for n in range(20)})
    with Pool(Settings(workers=2)) as pool:
        results = pool.parse(tasks)
        next(results)
        results.close()
        assert len(list(pool.parse(tasks[:3]))) == 3
    with pytest.raises(BackendError):
        pool.embed(["a"])


def test_children_end_with_the_pool(tmp_path):
    with Pool(Settings(workers=2)) as pool:
        list(pool.parse(files(tmp_path, {"a.txt": b"x"})))
        ids = pool.processes
    assert len(ids) == 2
    for process in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


# A run that says who its children are, once both are at work on files that never end.
INTERRUPTED = """
import sys, threading
from pathlib import Path
from ingest.wall import child
from ingest.wall.pool import Pool, Task
from rag.settings import Settings
child._START = sys.argv[1]
with Pool(Settings(workers=2)) as pool:
    results = pool.parse([Task(name, name, Path(name)) for name in sys.argv[2:]])
    next(results)
    print(*pool.processes, flush=True)
    next(results)
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs descriptors of processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_no_child_behind(tmp_path, hostile, number):
    names = [str(tmp_path / name) for name in ("a.txt", "b.txt", "c.txt")]
    for name, data in zip(names, (b"fine", b"hang", b"hang"), strict=True):
        Path(name).write_bytes(data)
    command = [sys.executable, "-c", INTERRUPTED, HOSTILE, *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        children = [os.pidfd_open(int(process)) for process in run.stdout.readline().split()]
        run.send_signal(number)
        run.wait(30)
    assert len(children) == 2
    for child in children:
        assert select.select([child], [], [], 30)[0], "it is still there"
        os.close(child)


def test_a_child_knows_no_secret():
    own = {
        "KB_MODEL_KEY": "sk-1",
        "OPENAI_API_KEY": "sk-2",
        "PATH": "/bin",
        "LC_ALL": "C",
        "KB_PLUGINS": "off",
    }
    found = environment(own)
    assert "sk-1" not in found.values()
    assert "sk-2" not in found.values()
    assert (found["PATH"], found["LC_ALL"], found["KB_PLUGINS"]) == ("/bin", "C", "off")


def test_what_cannot_be_opened_is_reported_with_a_next_step(tmp_path):
    tasks = files(tmp_path, {"large.txt": b"x" * (2 << 20), "good.txt": b"fine"})
    (tmp_path / "link.txt").symlink_to(tmp_path / "good.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    tasks += [Task(name, name, tmp_path / name) for name in ("link.txt", "pipe.txt", "gone.txt")]
    with Pool(Settings(workers=1, max_file_mb=1)) as pool:
        found = {result.place: result for result in pool.parse(tasks)}
    states = {place.removeprefix("place of "): result.state for place, result in found.items()}
    assert states == {
        "large.txt": "too large",
        "good.txt": "",
        "link.txt": "unreadable",
        "pipe.txt": "unreadable",
        "gone.txt": "unreadable",
    }
    assert all(result.hint for result in found.values() if result.state)


def test_vectors_of_no_text_are_no_rows():
    assert wordllama.connect("", Settings()).passages([]).shape == (0, 256)
    assert not np.any(wordllama.connect("", Settings()).passages(["", " \n"]))


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system does not say what a child used")
def test_what_a_dead_child_used_is_known(monkeypatch):
    monkeypatch.setattr(child_module, "_ORDINARY", 0)
    monkeypatch.setattr(child_module, "_peak", lambda: 0)
    child = Child()
    child.greet(Options(parse_mb=1))
    os.kill(child.id, signal.SIGABRT)
    os.waitid(os.P_PID, child.id, os.WEXITED | os.WNOWAIT)
    end = child.end()
    assert (end.bloated, end.killed, end.late) == (True, False, False)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system does not say what a child used")
def test_a_child_that_the_system_ended_was_killed():
    child = Child()
    child.greet(Options())
    os.kill(child.id, signal.SIGKILL)
    os.waitid(os.P_PID, child.id, os.WEXITED | os.WNOWAIT)
    end = child.end()
    assert (end.bloated, end.killed, end.late) == (False, True, False)
