import os

import numpy as np
import pytest

from ingest import child as child_module
from ingest import pool as pool_module
from ingest.child import environment
from ingest.pool import Pool, Task
from ingest.worker import read
from rag.embedders import wordllama
from rag.errors import BackendError, ConfigError, UnreadableFile
from rag.settings import Settings

# A child whose reader of plain text does what the text says.
HOSTILE = """
import os, signal, sys
from ingest.loaders import text
load = text.load
def hostile(data, name):
    if data == b"crash": os.abort()
    if data == b"killed once" and not os.path.exists(os.environ["LANG"]):
        open(os.environ["LANG"], "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if data == b"hang":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        while True: pass
    if data == b"print": print("noise", flush=True)
    if data == b"memory": b"x" * (8 << 30)
    return load(data, name)
text.load = hostile
from ingest.worker import main; main()
"""


@pytest.fixture
def hostile(monkeypatch, tmp_path):
    monkeypatch.setattr(child_module, "_START", HOSTILE)
    monkeypatch.setenv("LANG", str(tmp_path / "killed"))


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
        found = outcome(
            pool.parse(files(tmp_path, contents | {"bad.txt": b"crash", "once.txt": b"killed once"}))
        )
    assert found.pop("bad.txt") == "the parser crashed"
    assert set(found.values()) == {""}
    assert len(found) == 11


def test_a_parser_that_hangs_beyond_rescue_is_killed(tmp_path, hostile, monkeypatch):
    monkeypatch.setattr(pool_module, "GRACE_SECONDS", 0)
    with Pool(Settings(workers=1, parse_seconds=1)) as pool:
        found = outcome(pool.parse(files(tmp_path, {"bad.txt": b"hang", "good.txt": b"fine"})))
    assert "longer than 1 s" in found["bad.txt"]
    assert found["good.txt"] == ""


def test_noise_and_bloat_of_a_parser_stay_with_its_file(tmp_path, hostile):
    with Pool(Settings(workers=1)) as pool:
        found = outcome(
            pool.parse(files(tmp_path, {"a.txt": b"print", "b.txt": b"memory", "c.txt": b"fine"}))
        )
    assert found["a.txt"] == found["c.txt"] == ""
    assert "memory" in found["b.txt"]


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
        ids = [child._process.pid for child in pool._children]
    for process in ids:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


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


def test_only_regular_files_of_bounded_size_are_read(tmp_path):
    file, link, pipe = (tmp_path / name for name in ("file.txt", "link.txt", "pipe.txt"))
    file.write_bytes(b"12345")
    link.symlink_to(file)
    os.mkfifo(pipe)
    assert read(str(file), 5) == b"12345"
    for path, limit in ((link, 5), (pipe, 5), (tmp_path, 5), (tmp_path / "gone", 5), (file, 4)):
        with pytest.raises(UnreadableFile) as caught:
            read(str(path), limit)
        assert caught.value.hint
        assert caught.value.state == ("too large" if path == file else "damaged")


def test_vectors_of_no_text_are_no_rows():
    assert wordllama.connect("", Settings()).passages([]).shape == (0, 256)
    assert not np.any(wordllama.connect("", Settings()).passages(["", " \n"]))
