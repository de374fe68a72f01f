"""Looks for many probes at once, at every byte position, in bounded memory."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.erase.probes import Rows, Secret, confirmation, weights
from rag.erase.windows import SIZE

_READ = 8 << 20  # bytes of a file that are held
_BLOCK = 1 << 15  # positions hashed at once: the arrays stay in the processor's cache
_WORD = 64


@dataclass(frozen=True, slots=True)
class File:
    """A file that was looked through: its length, the rows found; `error` when it could not be read."""

    path: Path
    size: int
    found: frozenset[int]
    error: str = ""


class Scanner:
    """Finds rows of probes in bytes. About 24 bytes of memory a probe, and 9 MB for a file."""

    def __init__(self, rows: Rows, secret: Secret) -> None:
        self._rows, self._secret = rows, secret
        self._order = np.argsort(rows["rolling"], kind="stable")
        self._sorted = rows["rolling"][self._order]
        self._weights = weights(secret, _BLOCK + SIZE - 1)
        self._back = _inverse(secret, _BLOCK)
        bits = min(24, max(16, len(rows).bit_length() + 6))
        self._shift = np.uint64(_WORD - bits)
        self._maybe = np.zeros(1 << bits, np.bool_)
        self._maybe[self._sorted >> self._shift] = True

    def find(self, data: bytes | NDArray[np.uint8]) -> frozenset[int]:
        """Which rows stand in the data, at any position."""
        found: set[int] = set()
        whole = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
        if not len(self._rows) or len(whole) < SIZE:
            return frozenset()
        for start in range(0, len(whole) - SIZE + 1, _BLOCK):
            self._block(whole[start : start + _BLOCK + SIZE - 1], found)
        return frozenset(found)

    def file(self, path: Path) -> File:
        """Which rows stand in the file."""
        found: set[int] = set()
        size = 0
        try:
            for data, new in _read(path):
                size += new
                found |= self.find(data)
        except FileNotFoundError:  # gone meanwhile
            return File(path, 0, frozenset())
        except OSError as error:
            return File(path, size, frozenset(found), error.strerror or "cannot be read")
        return File(path, size, frozenset(found))

    def _block(self, data: NDArray[np.uint8], found: set[int]) -> None:
        hashes = self._hashes(data)
        places = np.flatnonzero(self._maybe[hashes >> self._shift])
        if not len(places):
            return
        at = np.searchsorted(self._sorted, hashes[places])
        at[at == len(self._sorted)] = 0
        places = places[self._sorted[at] == hashes[places]]
        for value, place in zip(*_first(hashes, places), strict=True):
            self._confirm(value, data[place : place + SIZE].tobytes(), found)

    def _hashes(self, data: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """The rolling hash at every position: a running sum, and the difference 24 bytes on."""
        count = len(data) - SIZE + 1
        sums = np.zeros(len(data) + 1, np.uint64)
        np.cumsum(data * self._weights[: len(data)], out=sums[1:])
        found: NDArray[np.uint64] = (sums[SIZE:] - sums[:count]) * self._back[:count]
        return found

    def _confirm(self, value: np.uint64, window: bytes, found: set[int]) -> None:
        first = int(np.searchsorted(self._sorted, value))
        last = int(np.searchsorted(self._sorted, value, side="right"))
        rows = {int(row) for row in self._order[first:last]} - found
        if rows:
            said = confirmation(window, self._secret)
            found.update(row for row in rows if int(self._rows["confirm"][row]) == said)


def files(places: Iterable[Path]) -> Iterator[Path]:
    """Every regular file of these files and folders, each once; links are not followed."""
    seen: set[tuple[int, int]] = set()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            try:
                found = path.lstat()
            except OSError:
                continue
            key = (found.st_dev, found.st_ino)
            if stat.S_ISREG(found.st_mode) and key not in seen:
                seen.add(key)
                yield path


def _first(
    hashes: NDArray[np.uint64], places: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Each value once, with its first place: what repeats need not be confirmed again."""
    values, first = np.unique(hashes[places], return_index=True)
    return values, places[first]


def _inverse(secret: Secret, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, secret.multiplier, np.uint64)
    powers[0] = 1
    found: NDArray[np.uint64] = np.cumprod(powers, dtype=np.uint64)
    return found


def _read(path: Path) -> Iterator[tuple[bytes, int]]:
    """Parts that overlap by a window less one byte, and how many bytes of each are new."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, "rb", buffering=0) as file:
        kept = b""
        while part := file.read(_READ):
            data = kept + part
            yield data, len(part)
            kept = data[-(SIZE - 1) :]
