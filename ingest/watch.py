"""Folders that are watched: which of them something has changed in."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path

from anyio.to_thread import run_sync

from rag.errors import ConfigError

_QUIET_MS = 1_600  # changes that come one after another are told together, at most so late


async def changes(folders: Sequence[Path], stop: asyncio.Event) -> AsyncIterator[set[Path]]:
    """The folders (or files) below which something changed, whenever it does, until `stop` is set.

    First all of them: whoever begins to watch does not know what was before. What changes while the
    receiver is busy is told afterwards.
    """
    try:
        from watchfiles import awatch
    except ImportError as error:
        raise ConfigError("watching needs watchfiles", hint="pip install watchfiles") from error
    places = await run_sync(lambda: {folder: folder.resolve() for folder in folders})
    async with aclosing(awatch(*places.values(), stop_event=stop, debounce=_QUIET_MS)) as found:
        waiting = asyncio.ensure_future(anext(found, None))
        try:
            await asyncio.sleep(0)  # now it watches: nothing that changes from here on is missed
            yield set(folders)
            while (batch := await waiting) is not None:
                waiting = asyncio.ensure_future(anext(found, None))
                yield {folder for folder, place in places.items() if _touches(batch, place)}
        finally:
            waiting.cancel()


def _touches(batch: Iterable[tuple[object, str]], place: Path) -> bool:
    return any(Path(path).is_relative_to(place) for _, path in batch)
