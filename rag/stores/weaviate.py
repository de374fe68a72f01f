"""Weaviate: the store for many tenants and many machines.

    KB_STORE=weaviate://host:8080?grpc=50051&collection=KbChunk     KB_WEAVIATE_KEY=...

One collection with one physical partition (Weaviate tenant) for each of ours. A change is written
in an order that converges when it is repeated: new entries, removals, and last the state object
that says which change is there. Weaviate acknowledges when the operating system has the data:
safe from `kill -9`, from a power cut only with replicas. The catalog can always rebuild it.
"""

import asyncio
import re
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from rag.errors import BackendError, ConfigError, Damaged
from rag.settings import Settings
from rag.stores import Candidates, Change, Entry, Query, Scored, State
from rag.stores import _weaviate_schema as schema
from rag.stores._weaviate_address import Address, parse
from rag.stores._weaviate_errors import Missing
from rag.stores._weaviate_filters import compiled
from rag.stores._weaviate_link import READ_SECONDS, WRITE_SECONDS, Link
from rag.stores._weaviate_partition import Partition

if TYPE_CHECKING:
    from weaviate import WeaviateAsyncClient

_SAMPLE = 50  # entries whose vector search a check tries
# Weaviate's own rule. A name also becomes part of a path, so it is checked before any use.
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")


def connect(url: str, settings: Settings) -> "WeaviateStore":
    """The store behind the URL; nothing is asked before the first call."""
    address = parse(url)
    return WeaviateStore(address, Link(address.hosts, settings.weaviate_key))


class WeaviateStore:
    """See `rag.stores.Store` for the promises."""

    name = "weaviate"
    # Removed objects answer no query; their bytes leave the server's segments when those merge. Writing a
    # whole tenant anew after each deletion would cost readers more than it proves.
    keeps_traces = False

    def __init__(self, address: Address, link: Link) -> None:
        self._address, self._link = address, link
        self._checked: WeaviateAsyncClient | None = None

    async def apply(self, tenant: str, change: Change) -> None:
        partition = await self._made(tenant)
        await partition.insert(change.add)
        added = {entry.chunk for entry in change.add}
        await partition.remove([chunk for chunk in change.remove if chunk not in added])
        await partition.finish(change.seq)

    async def search(self, tenant: str, query: Query, *, seq: int = 0) -> Candidates:
        try:
            held, words, vectors = await self._search(await self._found(tenant), query)
        except Missing:
            held, words, vectors = 0, (), ()
        if held < seq:
            raise Damaged(
                f"Weaviate holds change {held}, the catalog shows {seq}",
                hint="kb doctor --fix rebuilds it",
            )
        return Candidates(words, vectors)

    async def state(self, tenant: str) -> State:
        try:
            partition = await self._found(tenant)
            held, total = await partition.held(), await partition.total()
        except Missing:
            return State(0, 0)
        return State(held or 0, total - (held is not None))

    async def chunks(self, tenant: str) -> set[int]:
        try:
            return set(await (await self._found(tenant)).chunks())
        except Missing:
            return set()

    async def rebuild(self, tenant: str, entries: Iterable[Entry], seq: int) -> None:
        # A new partition and not new entries over old ones: the vectors may have another length
        # now, and only the files of a dropped partition are gone. Readers get `Damaged` meanwhile.
        await self.drop(tenant)
        partition = await self._made(tenant)
        await partition.insert(entries)
        await partition.finish(seq)

    async def drop(self, tenant: str) -> None:
        client = await self._client(tenant)
        tenants = client.collections.use(self._address.collection).tenants
        try:
            await self._link.ask(tenants.remove([tenant]), WRITE_SECONDS)
        except Missing:
            return

    async def check(self, tenant: str) -> list[str]:
        try:
            partition = await self._found(tenant)
            held, total, listed = await partition.held(), await partition.total(), await partition.chunks()
            missed = await partition.blind_spots(sorted(listed)[-_SAMPLE:])
        except Missing:
            return []
        faults = [] if held is not None else ["no change was ever finished: the state object is missing"]
        if total - (held is not None) != len(listed):
            faults.append(f"{total} objects are counted, but {len(listed)} entries are listed")
        if missed:
            faults.append(f"vector search misses {len(missed)} of the newest entries: chunk {missed[0]}")
        return faults

    async def close(self) -> None:
        await self._link.close()

    async def _search(
        self, partition: Partition, query: Query
    ) -> tuple[int, tuple[Scored, ...], tuple[Scored, ...]]:
        clause = True if query.filter is None else compiled(query.filter)
        if clause is False or query.limit < 1:
            return await partition.held() or 0, (), ()
        wanted = None if clause is True else clause
        # The state is read every time (1 ms, beside the lists): a remembered one would hide that
        # another process is rebuilding, and half an index gives wrong answers.
        held, words, vectors = await _together(
            partition.held(), partition.words(query, wanted), partition.vectors(query, wanted)
        )
        return held or 0, words, vectors

    async def _client(self, tenant: str) -> "WeaviateAsyncClient":
        if not _TENANT.fullmatch(tenant):
            raise ConfigError(
                f"{tenant!r} cannot be a tenant on Weaviate", hint="up to 64 letters, digits, - and _"
            )
        return await self._link.client()

    async def _found(self, tenant: str) -> Partition:
        """For reading. `Missing` at once without a collection, at the first call without a tenant."""
        client = await self._client(tenant)
        collection = client.collections.use(self._address.collection)
        if self._checked is not client:
            meta = await self._link.ask(client.get_meta(), READ_SECONDS)
            schema.require_version(meta["version"])
            schema.require_ours(await self._link.ask(collection.config.get(), READ_SECONDS))
            self._checked = client
        return Partition(self._link, collection, tenant)

    async def _made(self, tenant: str) -> Partition:
        """For writing: made if it is not there."""
        client, name = await self._client(tenant), self._address.collection
        if not await self._link.ask(client.collections.exists(name), READ_SECONDS):
            await self._create(client, name)
        partition = await self._found(tenant)
        tenants = client.collections.use(name).tenants
        if not await self._link.ask(tenants.exists(tenant), READ_SECONDS):
            await self._link.ask(tenants.create([tenant]), WRITE_SECONDS)
        return partition

    async def _create(self, client: "WeaviateAsyncClient", name: str) -> None:
        try:
            await self._link.ask(schema.create(client, name, self._address.index), WRITE_SECONDS)
        except BackendError:
            if not await self._link.ask(client.collections.exists(name), READ_SECONDS):
                raise  # else another process was first


async def _together(*calls: Coroutine[Any, Any, Any]) -> list[Any]:
    """Results of all; when one fails, the others are cancelled."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
