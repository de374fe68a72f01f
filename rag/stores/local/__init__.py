"""The embedded store: tantivy for words, flat files for vectors; no server, no account.

Measured on 2 cores: keywords .1 ms at 10k and .3 ms at 91k chunks, vectors .6 and 4 ms, recall
.999 of exact. The files hold no text: terms are hashes.
"""

import threading
from collections.abc import Iterable
from pathlib import Path

from anyio.to_thread import run_sync

from rag.settings import Settings
from rag.stores import Candidates, Change, Entry, Query, State
from rag.stores.local.partition import Partition


def connect(url: str, settings: Settings) -> "LocalStore":
    """The store in `<home>/index`; nothing is read or made before the first call."""
    return LocalStore(settings.home / "index")


class LocalStore:
    """See `rag.stores.Store` for the promises."""

    name = "local"
    keeps_traces = True  # postings of removed entries stay in tantivy's segments until they merge

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._partitions: dict[str, Partition] = {}

    async def apply(self, tenant: str, change: Change) -> None:
        await run_sync(self._partition(tenant).apply, change)

    async def search(self, tenant: str, query: Query, *, seq: int = 0) -> Candidates:
        return await run_sync(self.search_now, tenant, query, seq)

    def search_now(self, tenant: str, query: Query, seq: int) -> Candidates:
        """See `rag.stores.Immediate`."""
        return self._partition(tenant).search(query, seq)

    async def state(self, tenant: str) -> State:
        return await run_sync(self._partition(tenant).state)

    async def chunks(self, tenant: str) -> set[int]:
        return await run_sync(self._partition(tenant).chunks)

    async def rebuild(self, tenant: str, entries: Iterable[Entry], seq: int) -> None:
        await run_sync(self._partition(tenant).rebuild, entries, seq)

    async def drop(self, tenant: str) -> None:
        await run_sync(self._partition(tenant).drop)

    async def check(self, tenant: str) -> list[str]:
        from rag.stores.local.checks import faults

        return await run_sync(faults, self._partition(tenant))

    async def close(self) -> None:
        self._partitions.clear()

    def _partition(self, tenant: str) -> Partition:
        with self._lock:
            if tenant not in self._partitions:
                self._partitions[tenant] = Partition(self._folder / tenant)
            return self._partitions[tenant]
