"""The one way to change a tenant: write work into the catalog, then `step`.

Work is whatever the catalog shows as unfinished: staged versions, retired ones, stale facts,
documents being deleted. A step hands it to the store as one change and then settles it, so a step
after a crash is the same code as a step in good times.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from rag.catalog import Catalog, chunks, outbox, partitions, sketch
from rag.catalog.outbox import Work
from rag.embedders import Embedder
from rag.errors import ConfigError, Damaged
from rag.features import unpack
from rag.stores import Change, Entry, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """Which tenant is written, into which store, with which vectors."""

    tenant: str
    store: str
    embedder: str
    keep_versions: int


class Writer:
    """Use it while holding the tenant's lock, after `open`."""

    def __init__(self, catalog: Catalog, store: Store, embedder: Embedder, target: Target) -> None:
        self._catalog, self._store, self._embedder, self.target = catalog, store, embedder, target

    async def open(self) -> None:
        """Check that store and catalog belong together, rebuild the store if not, finish what was left."""
        part = await run_sync(self._partition)
        pending = await run_sync(self._pending)
        if part.store != self.target.store or not await self._agrees(part.seq, pending):
            await self.rebuild()
        while await self.step():
            pass

    async def step(self) -> bool:
        """Carry out all work that the catalog holds; False when there is none."""
        work = await run_sync(self._pending)
        if not work:
            return False
        seq, add, remove = await run_sync(self._read, work)
        await unbroken(self._store.apply(self.target.tenant, Change(seq, add, remove)))
        await unbroken(run_sync(self._settle, work, seq, add))
        return True

    async def rebuild(self) -> None:
        """Fill the store anew from the catalog; nothing is parsed or embedded."""
        tenant = self.target.tenant
        seq = await run_sync(self._seq)
        with self._catalog.read() as connection:
            entries = chunks.entries(connection, tenant, self.target.embedder)
            await self._store.rebuild(tenant, entries, seq)
        await run_sync(self._adopt, seq)

    async def _agrees(self, seq: int, pending: Work) -> bool:
        try:
            held = (await self._store.state(self.target.tenant)).seq
        except Damaged:
            return False
        return held == seq or (held == seq + 1 and bool(pending))

    def _partition(self) -> partitions.Partition:
        with self._catalog.write() as connection:
            found = partitions.get(connection, self.target.tenant)
            if found is None:
                store, embedder = self.target.store, self.target.embedder
                found = partitions.create(connection, self.target.tenant, store=store, embedder=embedder)
        check_embedder(found, self.target.embedder)
        return found

    def _pending(self) -> Work:
        with self._catalog.read() as connection:
            return outbox.pending(connection, self.target.tenant)

    def _seq(self) -> int:
        with self._catalog.read() as connection:
            return partitions.seq(connection, self.target.tenant)

    def _read(self, work: Work) -> tuple[int, Sequence[Entry], Sequence[int]]:
        tenant = self.target.tenant
        with self._catalog.read() as connection:
            add = list(chunks.entries(connection, tenant, self.target.embedder, work.add))
            remove = chunks.ids_of(connection, tenant, work.remove)
            return partitions.seq(connection, tenant) + 1, add, remove

    def _settle(self, work: Work, seq: int, add: Sequence[Entry]) -> None:
        with self._catalog.write() as connection:
            before = sketch.unpack(partitions.sketch(connection, self.target.tenant))
            staged = {version for version, _ in work.staged}
            came = [unpack(entry.features) for entry in add if entry.version in staged]
            went = chunks.features_of(connection, self.target.tenant, self._leaving(connection, work))
            outbox.settle(connection, self.target.tenant, work, keep=self.target.keep_versions)
            after = before.changed(came, went) if came or went else before
            partitions.advance(connection, self.target.tenant, seq, after.pack())

    def _leaving(self, connection: Connection, work: Work) -> list[str]:
        """Versions that are current until this step: replaced or deleted by it."""
        going = {document for _, document in work.staged} | set(work.deleting)
        return outbox.current_of(connection, self.target.tenant, sorted(going))

    def _adopt(self, seq: int) -> None:
        with self._catalog.write() as connection:
            partitions.adopt(connection, self.target.tenant, seq=seq, store=self.target.store)


@asynccontextmanager
async def alone(
    catalog: Catalog,
    tenant: str,
    *,
    tell: Callable[[str], None] | None = None,
    patience: float = 86_400.0,
) -> AsyncIterator[None]:
    """Hold the tenant's writer lock; `tell` hears who has it, `patience` is the longest wait in seconds."""
    lock = catalog.lock(tenant, tell=tell, patience=patience)
    # A thread of its own: waiting for a lock must not take a place of the common limiter.
    await run_sync(lock.__enter__, abandon_on_cancel=False, limiter=CapacityLimiter(1))
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


async def unbroken(work: Awaitable[T]) -> T:
    """Wait for a piece of writing to its end; an interrupt counts after it.

    asyncio leaves a thread behind when its task is cancelled, and the lock would be free while it writes.
    """
    with CancelScope(shield=True):
        whole = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(whole)
        except asyncio.CancelledError:
            await asyncio.wait([whole])
            if not whole.cancelled():
                whole.exception()  # taken note of, or asyncio would log it
            raise
    raise AssertionError("nobody cancels this scope")


class Indexed(Protocol):
    """What knows which embedder an index was made with."""

    @property
    def embedder(self) -> str:
        """Its id."""
        ...


def check_embedder(found: Indexed, embedder: str) -> None:
    """`ConfigError` when the index was made with other vectors: never wrong answers."""
    if found.embedder != embedder:
        raise ConfigError(
            f"the index was made with the embedder {found.embedder}, the setting says {embedder}",
            hint="kb reindex changes the index over to the setting; or set KB_EMBEDDER back",
        )
