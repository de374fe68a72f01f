"""Vector search of one generation: flat files, exact.

`rows.bin` names the chunk of each row and the scale of its int8 form; `vectors.f16` and
`vectors.i8` hold the same rows. Files only grow; a removed row is blanked in place. How many rows
are valid is said elsewhere (`lexical.Mark`), so a row is never seen half written.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import Damaged
from rag.stores import Entry, Scored

ROW = np.dtype([("chunk", "<i8"), ("scale", "<f4"), ("pad", "<u4")])
GONE = -1
# Up to here a float32 matrix in memory is faster than unpacking int8 (measured: .3 ms at 10k).
_IN_MEMORY = 20_000
_RESCORE = 2  # times the limit: int8 order is rescored in float16


class Dense:
    """The first `rows` rows of a generation's files, as they were when this was made."""

    def __init__(self, folder: Path, rows: int, dimensions: int) -> None:
        self._folder, self.rows, self._dimensions = folder, rows, dimensions
        table = _read(folder / "rows.bin", rows, ROW.itemsize).view(ROW)
        self.chunks: NDArray[np.int64] = np.ascontiguousarray(table["chunk"])
        self._scales: NDArray[np.float32] = np.ascontiguousarray(table["scale"])
        self._there: NDArray[np.bool_] = self.chunks != GONE
        self._has_gaps = not self._there.all()
        self._half = _map(folder / "vectors.f16", rows, dimensions, np.dtype("<f2"))
        self._small = rows <= _IN_MEMORY
        if not self._small:
            self._packed = _map(folder / "vectors.i8", rows, dimensions, np.dtype("i1"))

    def search(
        self, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[Scored, ...]:
        """Best rows by dot product; only positive ones, each chunk once."""
        if not self.rows:
            return ()
        scores = self._matrix @ vector if self._small else self._scan(vector)
        usable = self._there if allowed is None else self._there & allowed
        if self._has_gaps or allowed is not None:
            scores = np.where(usable, scores, np.float32(-1.0))
        best = _top(scores, limit if self._small else limit * _RESCORE)
        exact = scores[best] if self._small else self._half[best].astype(np.float32) @ vector
        order = np.lexsort((self.chunks[best], -exact))
        found: dict[int, float] = {}
        for i in order:
            if exact[i] > 0 and scores[best[i]] > -1.0:
                found.setdefault(int(self.chunks[best[i]]), float(exact[i]))
        return tuple(Scored(chunk, score) for chunk, score in list(found.items())[:limit])

    def faults(self) -> list[str]:
        """Rows whose int8 form does not follow from their float16 form, as one sentence."""
        packed = _map(self._folder / "vectors.i8", self.rows, self._dimensions, np.dtype("i1"))
        for start in range(0, self.rows, 10_000):
            part = slice(start, start + 10_000)
            again, scales = _pack(np.asarray(self._half[part]))
            alive = self.chunks[part] != GONE
            same = (again == packed[part]).all(axis=1) & np.isclose(scales, self._scales[part])
            if not same[alive].all():
                return [f"vectors.i8 and vectors.f16 differ from row {start} on"]
        return []

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        """All rows in memory; made at the first search, for a writer never searches."""
        return self._half.astype(np.float32)

    def _scan(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Approximate scores of all rows from their int8 form."""
        import numkong  # 0.1 s to import: only collections that need it pay

        scale = float(np.abs(vector).max()) / 127 or 1.0
        query = np.round(vector / scale).astype(np.int8)
        dots = np.asarray(numkong.cdist(query[None, :], self._packed, "dot"))[0]
        found: NDArray[np.float32] = (dots * self._scales).astype(np.float32)
        return found


def create(folder: Path) -> None:
    """Empty files."""
    for name in ("rows.bin", "vectors.f16", "vectors.i8"):
        (folder / name).touch()


def append(folder: Path, at: int, entries: Sequence[Entry], dimensions: int) -> int:
    """Write rows from row `at` on, over whatever an unfinished change left there; durable.

    Returns the new number of rows.
    """
    if not entries:
        return at
    half = np.stack([entry.vector for entry in entries]).astype("<f2")
    packed, scales = _pack(half)
    table = np.zeros(len(entries), dtype=ROW)
    table["chunk"] = [entry.chunk for entry in entries]
    table["scale"] = scales
    for name, block, size in (
        ("vectors.f16", half.tobytes(), 2 * dimensions),
        ("vectors.i8", packed.tobytes(), dimensions),
        ("rows.bin", table.tobytes(), ROW.itemsize),
    ):
        _write(folder / name, at * size, block)
    return at + len(entries)


def blank(folder: Path, gone: NDArray[np.int64], dimensions: int) -> None:
    """Overwrite these rows with nothing, durable: a removed vector must not stay on disk."""
    empty = np.zeros(1, dtype=ROW)
    empty["chunk"] = GONE
    for name, block in (
        ("vectors.f16", bytes(2 * dimensions)),
        ("vectors.i8", bytes(dimensions)),
        ("rows.bin", empty.tobytes()),
    ):
        with (folder / name).open("r+b") as file:
            for row in gone:
                file.seek(int(row) * len(block))
                file.write(block)
            file.flush()
            os.fsync(file.fileno())


def _write(path: Path, offset: int, block: bytes) -> None:
    with path.open("r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path, rows: int, size: int) -> NDArray[np.uint8]:
    try:
        found = np.fromfile(path, dtype=np.uint8, count=rows * size)
    except OSError as error:
        raise Damaged(f"{path.name} cannot be read: {error}", hint="kb doctor --fix") from error
    if len(found) < rows * size:
        raise Damaged(f"{path.name} is too short", hint="kb doctor --fix")
    return found


def _map(path: Path, rows: int, dimensions: int, kind: np.dtype) -> NDArray:  # type: ignore[type-arg]  # float16 or int8
    if not rows:
        return np.zeros((0, dimensions), dtype=kind)
    try:
        return np.memmap(path, dtype=kind, mode="r", shape=(rows, dimensions))
    except (OSError, ValueError) as error:
        raise Damaged(f"{path.name} is missing or too short", hint="kb doctor --fix") from error


def _top(scores: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    if len(scores) <= limit:
        return np.arange(len(scores))
    return np.argpartition(scores, -limit)[-limit:]


def _pack(half: NDArray[np.float16]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as int8 using the whole range of each row, and what to multiply them with again."""
    whole = half.astype(np.float32)
    scales = np.maximum(np.abs(whole).max(axis=1), 1e-9) / 127
    return np.round(whole / scales[:, None]).astype(np.int8), scales
