"""A clock for the stages of an ingest: wraps the product's functions from outside, in all processes.

Times are CPU seconds, each of its own stage only: what a stage calls that is a stage too is counted
there. A process writes its sums into a small mapped file as it goes, for children end by a kill.
"""

import importlib
import mmap
import os
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

CHILD = {
    "load": ("ingest.load", "loader_for"),
    "split": ("ingest.splitters.sections", "split"),
    "clean": ("ingest.split", "searchable"),
    "features": ("ingest.split", "extract"),
    "embed": ("rag.embedders.wordllama", "WordLlama.passages"),
    "send": ("ingest.wall.wire", "pack"),
}
PARENT = {
    "plan": ("ingest.planning.plan", "make"),
    "receive": ("ingest.wall.wire", "parsed"),
    "rows": ("ingest.commit", "Stage.keep"),
    "rows written": ("ingest.commit", "Stage.flush"),
    "read back": ("rag.writer", "Writer._read"),
    "vectors": ("rag.stores.local.dense", "append"),
    "terms": ("rag.stores.local.lexical", "Lexical.commit"),
    "flip": ("rag.writer", "Writer._settle"),
}
_WHOLE = {"terms"}  # tantivy works in a thread of its own: the time of the process counts
START, ALL = "start", "all"


class Clock:
    """CPU seconds by stage, of this process."""

    def __init__(self, folder: Path, kind: str, stages: Mapping[str, tuple[str, str]]) -> None:
        self._names = [*stages, START, ALL]
        self._seconds = dict.fromkeys(self._names, 0.0)
        self._inner = threading.local()
        self._form = struct.Struct(f"{len(self._names)}d")
        path = folder / f"{kind}.{os.getpid()}"
        path.write_bytes(bytes(self._form.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), self._form.size)
        for stage, (module, name) in stages.items():
            self._wrap(stage, module, name)
        self._seconds[START] = time.process_time()

    def _wrap(self, stage: str, module: str, name: str) -> None:
        owner: Any = importlib.import_module(module)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        inner = getattr(owner, last)
        if stage == "load":  # what is timed is what the found loader does
            setattr(owner, last, lambda name: _Loader(inner(name), self))
        else:
            setattr(owner, last, self.timed(stage, inner))

    def timed(self, stage: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted."""
        timer = time.process_time if stage in _WHOLE else time.thread_time

        @wraps(inner)
        def call(*args: Any, **options: Any) -> Any:
            outer, self._inner.seconds = getattr(self._inner, "seconds", 0.0), 0.0
            started = timer()
            try:
                return inner(*args, **options)
            finally:
                took = timer() - started
                self._seconds[stage] += took - self._inner.seconds
                self._inner.seconds = outer + took
                self._note()

        return call

    def _note(self) -> None:
        self._seconds[ALL] = time.process_time()
        self._map[:] = self._form.pack(*self._seconds.values())


class _Loader:
    """A loader whose `load` is timed."""

    def __init__(self, module: Any, clock: Clock) -> None:
        self._module = module
        self.load = clock.timed("load", module.load)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def child(folder: str) -> None:
    """A child of an ingest, with a clock."""
    from ingest.wall import worker

    clock = Clock(Path(folder), "child", CHILD)
    assert clock
    worker.main()


def parent(folder: Path) -> Clock:
    """A clock for this process, and for the children that it will start."""
    import ingest.wall.child

    ingest.wall.child._START = f"from bench.growth.stages import child; child({str(folder)!r})"
    return Clock(folder, "parent", PARENT)


def sums(folder: Path) -> dict[str, float]:
    """Seconds by `parent: stage` and `child: stage`, over all processes; `rest` is what no stage holds."""
    total: Counter[str] = Counter()
    for path in folder.iterdir():
        kind = path.name.partition(".")[0]
        names = [*(CHILD if kind == "child" else PARENT), START, ALL]
        seconds = dict(zip(names, struct.unpack(f"{len(names)}d", path.read_bytes()), strict=True))
        whole = seconds.pop(ALL)
        seconds["rest"] = whole - sum(seconds.values())
        total.update({f"{kind}: {stage}": value for stage, value in seconds.items()})
    return dict(total)
