"""One writer at a time: an operating system's lock beside the catalog, released by death.

The holder leaves a note of who it is, so that whoever waits can say for whom.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import Unreachable

_FOREVER = 24 * 3600.0


@contextmanager
def hold(
    database: str,
    name: str,
    *,
    tell: Callable[[str], None] | None = None,
    patience: float = _FOREVER,
) -> Iterator[None]:
    """Hold the lock `name` of a catalog. `tell` hears once who is being waited for."""
    if database in ("", ":memory:"):
        yield
        return
    folder = Path(database).absolute().parent / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock", thread_local=False)
    note = folder / f"{name}.holder"
    _acquire(lock, note, tell, patience)
    try:
        note.write_text(json.dumps({"pid": os.getpid(), "command": _command(), "since": time.time()}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, note: Path, tell: Callable[[str], None] | None, patience: float) -> None:
    try:
        lock.acquire(timeout=0)
        return
    except Timeout:
        if tell:
            tell(f"waiting for {holder(note)}")
    try:
        lock.acquire(timeout=patience, poll_interval=0.05)
    except Timeout as error:
        raise Unreachable(f"still held by {holder(note)}", hint="wait for it, or stop it") from error


def holder(note: Path) -> str:
    """Who holds the lock, in words."""
    try:
        found = json.loads(note.read_text())
    except (OSError, ValueError):
        return "another process"
    since = time.strftime("%H:%M:%S", time.localtime(found["since"]))
    return f"process {found['pid']} ({found['command']}, since {since})"


def _command() -> str:
    name = Path(sys.argv[0]).name or "python"
    return " ".join([name, *sys.argv[1:2]])
