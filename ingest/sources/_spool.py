"""Fetched bytes on their way to a parser."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import KBError, Unreachable, UnreadableFile


def spooled(folder: Path, place: str, write: Callable[[Path], None]) -> Path:
    """A file in the spool folder, made by `write`, or nothing there. Errors are those of `single`.

    The name is a hash: nothing that a server calls a file reaches the file system.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name(place)
    try:
        with single():
            write(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def name(place: str) -> str:
    """The spool name of a place."""
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@contextmanager
def single() -> Iterator[None]:
    """What goes wrong within is the matter of one file: `UnreadableFile`. A service that is gone is not."""
    try:
        yield
    except (UnreadableFile, Unreachable):
        raise
    except KBError as error:
        hint = error.hint or "the next run tries again"
        raise UnreadableFile(str(error), state="unreadable", hint=hint) from error
