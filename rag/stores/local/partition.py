"""One tenant's folder: generations of an index, and the file that says which one counts.

    <home>/index/<tenant>/CURRENT            {"generation": 3, "dimensions": 256, "format": 1, ...}
    <home>/index/<tenant>/3/terms/           tantivy
    <home>/index/<tenant>/3/{rows.bin,vectors.f16,vectors.i8}

A change writes vectors, then commits terms with the sentinel; only the commit counts. A rebuild
fills a new generation and replaces `CURRENT` at once. Readers never watch files: they are told
which change they must see and look again when they are behind.
"""

import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import BackendError, Damaged
from rag.filters import Filter
from rag.stores import Candidates, Change, Entry, Query, State
from rag.stores.local import dense, heap
from rag.stores.local.dense import Dense
from rag.stores.local.lexical import Lexical, Mark

_FORMAT = 1  # of the files; raised when older ones must be rebuilt
_MASKS = 64  # filters whose allowed rows are remembered between changes
_BATCH = 2_000


@dataclass(slots=True)
class _Open:
    """An open generation. `masks` remembers which rows each filter allows, until the next change."""

    generation: int
    folder: Path
    dimensions: int
    lexical: Lexical
    dense: Dense
    masks: dict[Filter, NDArray[np.bool_]] = field(default_factory=dict)


class Partition:
    """Thread-safe for readers; one writer at a time (the catalog's lock sees to it)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._stamp: tuple[int, int] | None = None

    def state(self) -> State:
        """Change and count of the generation that counts; nothing there is `State(0, 0)`."""
        opened = self._fresh(None)
        return State(opened.lexical.mark.seq, opened.lexical.count()) if opened else State(0, 0)

    def search(self, query: Query, seq: int) -> Candidates:
        """See `Store.search`."""
        opened = self._fresh(seq)
        if opened is None:
            return Candidates()
        words = opened.lexical.search(query)
        if query.vector is None:
            return Candidates(words, seq=opened.lexical.mark.seq)
        if opened.dense.rows and len(query.vector) != opened.dimensions:
            raise Damaged(
                f"the index has vectors of {opened.dimensions} numbers, the question {len(query.vector)}",
                hint="kb doctor --fix rebuilds it",
            )
        allowed = self._allowed(opened, query.filter)
        vectors = opened.dense.search(query.vector, query.limit, allowed)
        return Candidates(words, vectors, opened.lexical.mark.seq)

    def chunks(self) -> set[int]:
        """Ids of all entries."""
        opened = self._fresh(None)
        return set(opened.lexical.matching(None).tolist()) if opened else set()

    def apply(self, change: Change) -> None:
        """See `Store.apply`."""
        with _writable(self._folder):
            self._apply(change)
        heap.release()

    def rebuild(self, entries: Iterable[Entry], seq: int) -> None:
        """Fill a new generation and switch to it; the old files are removed."""
        with _writable(self._folder):
            self._rebuild(entries, seq)
        heap.release()

    def _apply(self, change: Change) -> None:
        opened = self._fresh(None)
        if opened is None:
            if not change.add and change.seq == 0:
                return
            dimensions = len(change.add[0].vector) if change.add else 0
            self._switch(self._create(1, dimensions), dimensions)
            opened = self._fresh(None)
            assert opened is not None
        if not opened.dimensions and change.add:  # emptied once: the first entry says how wide rows are
            self._rebuild(change.add, change.seq)
        else:
            self._write(opened, change)
            self._refresh(opened)

    def _rebuild(self, entries: Iterable[Entry], seq: int) -> None:
        generation = self._next_generation()
        folder, rows, dimensions = None, 0, 0
        for batch in _batches(entries):
            if folder is None:
                dimensions = len(batch[0].vector)
                folder = self._create(generation, dimensions)
                lexical = Lexical(folder / "terms")
            rows = dense.append(folder, rows, batch, dimensions)
            lexical.commit(batch, (), Mark(0, rows))
        if folder is None:
            folder = self._create(generation, 0)
            lexical = Lexical(folder / "terms")
        lexical.commit((), (), Mark(seq, rows))
        self._switch(folder, dimensions)

    def drop(self) -> None:
        """Remove the folder."""
        with self._lock:
            self._open = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def current_folder(self) -> Path | None:
        """Folder of the generation that counts, for checks."""
        current = self._current()
        return self._folder / str(current["generation"]) if current else None

    def current_dense(self) -> Dense | None:
        """The rows that count, for checks."""
        opened = self._fresh(None)
        return opened.dense if opened else None

    def _write(self, opened: _Open, change: Change) -> None:
        before = opened.lexical.mark.rows
        touched = [*change.remove, *(entry.chunk for entry in change.add)]
        # Terms are only ever of chunks that have a row, so what has none need not be looked for in them.
        old = opened.dense.chunks[:before]
        gone = np.flatnonzero(np.isin(old, np.array(touched, dtype=np.int64)))
        rows = dense.append(opened.folder, before, change.add, opened.dimensions)
        opened.lexical.commit(change.add, np.unique(old[gone]).tolist(), Mark(change.seq, rows))
        if len(gone):
            dense.blank(opened.folder, gone, opened.dimensions)

    def _fresh(self, seq: int | None) -> _Open | None:
        """The generation that counts, reloaded if it is behind `seq` (None: reload always)."""
        with self._lock:
            stamp = self._read_stamp()
            if self._open is None or stamp != self._stamp:
                self._open, self._stamp = self._load(), stamp
            elif seq is None or self._open.lexical.mark.seq < seq:
                self._open = self._reloaded(self._open)
            opened = self._open
        held = opened.lexical.mark.seq if opened else 0
        if seq is not None and held < seq:
            raise Damaged(
                f"the search index holds change {held}, the catalog shows {seq}",
                hint="kb doctor --fix rebuilds it",
            )
        return opened

    def _refresh(self, opened: _Open) -> None:
        with self._lock:
            self._open = self._reloaded(opened)

    def _reloaded(self, opened: _Open) -> _Open:
        opened.lexical.reload()
        rows = opened.lexical.mark.rows
        vectors = Dense(opened.folder, rows, opened.dimensions)
        return _Open(opened.generation, opened.folder, opened.dimensions, opened.lexical, vectors)

    def _load(self) -> _Open | None:
        current = self._current()
        if current is None:
            return None
        folder = self._folder / str(current["generation"])
        if (current.get("format"), current.get("tantivy")) != (_FORMAT, version("tantivy")):
            raise Damaged("the search index was made by another version of kb", hint="kb doctor --fix")
        lexical = Lexical(folder / "terms")
        dimensions = int(current["dimensions"])
        vectors = Dense(folder, lexical.mark.rows, dimensions)
        return _Open(int(current["generation"]), folder, dimensions, lexical, vectors)

    def _allowed(self, opened: _Open, condition: Filter | None) -> NDArray[np.bool_] | None:
        if condition is None:
            return None
        if condition not in opened.masks:
            if len(opened.masks) >= _MASKS:
                opened.masks.clear()
            matching = opened.lexical.matching(condition)
            opened.masks[condition] = np.isin(opened.dense.chunks, matching)
        return opened.masks[condition]

    def _create(self, generation: int, dimensions: int) -> Path:
        folder = self._folder / str(generation)
        shutil.rmtree(folder, ignore_errors=True)  # left by a rebuild that was interrupted
        folder.mkdir(parents=True)
        dense.create(folder)
        Lexical.create(folder / "terms")
        return folder

    def _switch(self, folder: Path, dimensions: int) -> None:
        body: dict[str, object] = {"generation": int(folder.name), "dimensions": dimensions}
        body |= {"format": _FORMAT, "tantivy": version("tantivy")}
        draft = self._folder / "CURRENT.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(body, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / "CURRENT")
        with self._lock:
            self._open, self._stamp = self._load(), self._read_stamp()
        for other in self._folder.iterdir():
            if other.is_dir() and other != folder:
                shutil.rmtree(other, ignore_errors=True)

    def _next_generation(self) -> int:
        """Above every folder there is: CURRENT may be the very file that is damaged."""
        names = [path.name for path in self._folder.glob("*") if path.name.isdigit()]
        return max(map(int, names), default=0) + 1

    def _current(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self._folder / "CURRENT").read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise Damaged("the index's CURRENT file is unreadable", hint="kb doctor --fix") from error
        return found

    def _read_stamp(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._folder / "CURRENT")
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """A full disk, or a folder that may not be written, as an error of ours (tantivy says ValueError)."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise BackendError(
            f"the search index in {folder} cannot be written: {error}",
            hint="free some disk space and run it again; nothing is lost",
        ) from error


def _batches(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    left = iter(entries)
    while batch := list(islice(left, _BATCH)):
        yield batch
