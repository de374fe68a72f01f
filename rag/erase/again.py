"""Looking again, later, for what was deleted: a backup, a copy, a file that somebody put back."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.catalog import Catalog, erasures
from rag.catalog.erasures import Erased
from rag.erase.explain import explained
from rag.erase.made import Made
from rag.erase.probes import ROW, Rows, Secret, unpack
from rag.erase.scan import File, Scanner, files
from rag.erase.signing import load


@dataclass(frozen=True, slots=True)
class Trace:
    """A file that holds something of a deleted document, and the receipts that say it is deleted."""

    path: Path
    receipts: tuple[str, ...]
    pieces: int


@dataclass(frozen=True, slots=True)
class Again:
    """What was looked for and through. `blind` receipts have no probes (any more)."""

    receipts: int
    blind: int
    probes: int
    files: int
    bytes: int
    seconds: float
    traces: tuple[Trace, ...]
    unread: tuple[Path, ...]


def look_again(catalog: Catalog, tenant: str, home: Path, places: Sequence[Path]) -> Again:
    """Every file of the places, searched for every deletion at once.

    What a document, a question or a vector that is there now holds as well is no trace.
    """
    started = time.monotonic()
    with catalog.read() as connection:
        done = erasures.listing(connection, tenant)
    installation = load(home)
    rows, owner = _all(done) if installation is not None else (np.zeros(0, ROW), [])
    seen: list[File] = []
    traces: tuple[Trace, ...] = ()
    if installation is not None and len(rows):
        scanner = Scanner(rows, installation.secret)
        seen = [scanner.file(path) for path in files(places)]
        traces = _traces(catalog, rows, installation.secret, seen, owner)
    return Again(
        receipts=len(done),
        blind=sum(not one.probes for one in done),
        probes=len(rows),
        files=len(seen),
        bytes=sum(one.size for one in seen),
        seconds=time.monotonic() - started,
        traces=traces,
        unread=tuple(one.path for one in seen if one.error),
    )


def _all(done: Sequence[Erased]) -> tuple[Rows, list[str]]:
    """The rows of all, and the receipt of each."""
    packed = [unpack(one.probes) for one in done]
    owner = [one.id for one, rows in zip(done, packed, strict=True) for _ in range(len(rows))]
    return (np.concatenate(packed) if packed else np.zeros(0, ROW)), owner


def _traces(
    catalog: Catalog, rows: Rows, secret: Secret, seen: Sequence[File], owner: Sequence[str]
) -> tuple[Trace, ...]:
    every = frozenset[int]().union(*(one.found for one in seen))
    with catalog.read() as connection:
        shared = explained(connection, rows, every, secret, Made())
    found = [(one.path, one.found - shared) for one in seen]
    return tuple(
        Trace(path, tuple(dict.fromkeys(owner[row] for row in sorted(some))), len(some))
        for path, some in found
        if some
    )
