"""Files of a source beyond this machine: fetched ahead of the parsers, a few at a time."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.sources import Seen, Source
from rag.errors import KBError, UnreadableFile

# Of one batch; while it is parsed the next one is fetched, so at most twice as much lies in the spool.
BATCH_FILES = 8
BATCH_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file with the bytes at `path`, or why this one could not be had."""

    seen: Seen
    path: Path | None
    error: UnreadableFile | None = None


def batches(source: Source, files: Sequence[Seen]) -> Generator[list[Fetched]]:
    """All files, in order, batch by batch. Whoever takes a batch removes its files.

    Raises what `Source.fetch` raises but `UnreadableFile`. Close it to stop fetching.
    """
    waiting = iter(files)
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        ahead = thread.submit(_batch, source, waiting)
        try:
            while batch := ahead.result():
                ahead = thread.submit(_batch, source, waiting)
                yield batch
        finally:
            with suppress(KBError, OSError):  # it was raised already, or nobody waits for it any more
                for one in ahead.result():
                    remove(one)


def remove(fetched: Fetched) -> None:
    """Let go of the bytes."""
    if fetched.path is not None:
        fetched.path.unlink(missing_ok=True)


def clear(spool: Path) -> None:
    """Remove what an interrupted run left; what a source keeps in folders of its own stays."""
    if spool.is_dir():
        for path in spool.iterdir():
            if not path.is_dir() or path.is_symlink():
                path.unlink(missing_ok=True)


def _batch(source: Source, waiting: Iterator[Seen]) -> list[Fetched]:
    found: list[Fetched] = []
    size = 0
    while len(found) < BATCH_FILES and size < BATCH_BYTES and (seen := next(waiting, None)):
        found.append(_fetch(source, seen))
        size += path.stat().st_size if (path := found[-1].path) else 0
    return found


def _fetch(source: Source, seen: Seen) -> Fetched:
    try:
        return Fetched(seen, source.fetch(seen))
    except UnreadableFile as error:
        return Fetched(seen, None, error)
