"""A run that kills itself at a chosen moment, as a crash would: no clean-up runs.

The points are the seams of a commit; they are patched from outside, the product knows none of them.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.scenarios import SCENARIOS
from ingest import commit
from ingest import sync as syncing
from rag import erase, open_system
from rag.catalog import Catalog
from rag.stores.local import LocalStore, dense
from rag.stores.local.lexical import Lexical
from rag.writer import Writer


def run(home: Path, folder: Path, scenario: str, point: str | None = None, occurrence: int = 1) -> None:
    """A scenario, until the point is reached for the given time; to its end without one."""
    if point:
        _plant(point, occurrence)
    asyncio.run(_run(home, folder, scenario))


async def _run(home: Path, folder: Path, scenario: str) -> None:
    async with open_system(home=home) as system:
        await SCENARIOS[scenario].run(system, folder)


POINTS: dict[str, tuple[Any, str, str]] = {
    "before the store gets a change": (LocalStore, "apply", "before"),
    "half way through the vectors": (dense, "_write", "before"),
    "vectors written, terms not": (Lexical, "commit", "before"),
    "terms committed, old rows not blanked": (Lexical, "commit", "after"),
    "the store has acknowledged": (LocalStore, "apply", "after"),
    "inside the flip": (Writer, "_settle", "inside"),
    "after the flip": (Writer, "_settle", "after"),
    "inside staging": (commit.Stage, "flush", "after"),
    "inside the noting of facts": (commit, "note_facts", "after"),
    "a deletion is decided": (erase, "decide", "after"),
    "deleted rows still in the catalog's free pages": (Catalog, "compact", "before"),
    "a deletion is carried out, not proved": (Catalog, "compact", "after"),
    "a deletion is proved": (erase, "finish", "after"),
    "a sync is done, not noted": (syncing, "_note_end", "before"),
}


def _plant(point: str, occurrence: int) -> None:
    owner, name, when = POINTS[point]
    inner = getattr(owner, name)
    die = _Countdown(occurrence * (2 if name == "_write" else 1))
    if when == "inside":
        setattr(owner, name, _dying_settle(inner, die))
    elif asyncio.iscoroutinefunction(inner):
        setattr(owner, name, _dying_coroutine(inner, die, when))
    else:
        setattr(owner, name, _dying_call(inner, die, when))


class _Countdown:
    def __init__(self, left: int) -> None:
        self._left = left

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _dying_call(inner: Callable[..., Any], die: _Countdown, when: str) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        if when == "before":
            die()
        found = inner(*args, **options)
        if when == "after":
            die()
        return found

    return call


def _dying_coroutine(inner: Callable[..., Any], die: _Countdown, when: str) -> Callable[..., Any]:
    async def call(*args: Any, **options: Any) -> Any:
        if when == "before":
            die()
        found = await inner(*args, **options)
        if when == "after":
            die()
        return found

    return call


def _dying_transaction(inner: Callable[..., Any], die: _Countdown) -> Callable[..., Any]:
    """Everything of the transaction was said, but not its COMMIT."""

    @contextmanager
    def write(self: Catalog) -> Iterator[Any]:
        with inner(self) as connection:
            yield connection
            die()

    return write


def _dying_settle(inner: Callable[..., Any], die: _Countdown) -> Callable[..., Any]:
    def settle(self: Writer, *args: Any) -> None:
        kept = Catalog.write
        Catalog.write = _dying_transaction(kept, die)  # type: ignore[method-assign]
        try:
            inner(self, *args)
        finally:
            Catalog.write = kept  # type: ignore[method-assign]

    return settle
