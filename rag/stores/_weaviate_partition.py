"""One tenant's partition in Weaviate: the calls that the store is made of.

Every one may raise `Missing` when the collection or the tenant is not there.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anyio.to_thread import run_sync

from rag.errors import BackendError, TimedOut
from rag.stores import Entry, Query, Scored
from rag.stores import _weaviate_objects as objects
from rag.stores._weaviate_link import READ_SECONDS, WRITE_SECONDS, Link

if TYPE_CHECKING:
    from weaviate.classes.data import DataObject
    from weaviate.collections import CollectionAsync
    from weaviate.collections.classes.filters import FilterReturn

_BATCH = 200  # objects in a message: about a megabyte
_PAGE = 1_000  # ids in a listing or a removal
_POLL_SECONDS = 0.05


class Partition:
    """What can be asked of one tenant."""

    def __init__(self, link: Link, handle: "CollectionAsync[Any, Any]", tenant: str) -> None:
        from weaviate.classes.config import ConsistencyLevel

        # With replicas, what a majority has taken is what is read; with one it costs nothing.
        quorum = handle.with_tenant(tenant).with_consistency_level(ConsistencyLevel.QUORUM)
        self._link, self._handle, self._tenant = link, quorum, tenant

    async def held(self) -> int | None:
        """Number of the last finished change; None before the first."""
        call = self._handle.query.fetch_object_by_id(
            objects.state_id(self._tenant), return_properties=["seq"]
        )
        found = await self._link.ask(call, READ_SECONDS)
        return None if found is None else int(found.properties["seq"])

    async def total(self) -> int:
        """Objects, with the one that holds the state."""
        found = await self._link.ask(self._handle.aggregate.over_all(total_count=True), READ_SECONDS)
        return found.total_count or 0

    async def insert(self, entries: Iterable[Entry]) -> None:
        """Add or replace. The entries are read and packed in a thread: they may come from a database."""
        left = iter(entries)
        while batch := await run_sync(_packed, self._tenant, left):
            await self._send(batch)

    async def finish(self, seq: int) -> None:
        """Say that change `seq` is wholly there, once it is."""
        await self._indexed()
        await self._send([objects.as_state(self._tenant, seq)])

    async def remove(self, chunks: Sequence[int]) -> None:
        """Remove what is there of these."""
        from weaviate.classes.query import Filter as Clause

        left = iter(chunks)
        while batch := list(islice(left, _PAGE)):
            ids = Clause.by_id().contains_any([objects.object_id(self._tenant, c) for c in batch])
            # A call removes no more than the server's QUERY_MAXIMUM_RESULTS: until none is left.
            while True:
                done = await self._link.ask(self._handle.data.delete_many(where=ids), WRITE_SECONDS)
                if done.failed:
                    raise BackendError(f"Weaviate did not remove {done.failed} of {done.matches} objects")
                if not done.matches:
                    break

    async def words(self, query: Query, clause: "FilterReturn | None") -> tuple[Scored, ...]:
        """The keyword list."""
        from weaviate.classes.query import BM25Operator, MetadataQuery

        if not query.terms:
            return ()
        call = self._handle.query.bm25(
            objects.query_tokens(query.terms),
            query_properties=["tokens"],
            operator=BM25Operator.or_(minimum_match=1),
            filters=clause,
            limit=query.limit,
            return_properties=[],
            return_metadata=MetadataQuery(score=True),
        )
        found = (await self._link.ask(call, READ_SECONDS)).objects
        return _ranked((one.uuid, one.metadata.score or 0.0) for one in found)

    async def vectors(self, query: Query, clause: "FilterReturn | None") -> tuple[Scored, ...]:
        """The vector list."""
        from weaviate.classes.query import MetadataQuery

        if query.vector is None or not query.vector.any():
            return ()
        call = self._handle.query.near_vector(
            query.vector.tolist(),
            filters=clause,
            limit=query.limit,
            return_properties=[],
            return_metadata=MetadataQuery(distance=True),
        )
        found = (await self._link.ask(call, READ_SECONDS)).objects
        # Weaviate answers distances; ours are similarities, higher is better.
        return _ranked((one.uuid, 1 - (one.metadata.distance or 0.0)) for one in found)

    async def chunks(self) -> list[int]:
        """Chunk ids of all entries."""
        found: list[int] = []
        after = None
        while True:
            call = self._handle.query.fetch_objects(limit=_PAGE, after=after, return_properties=[])
            page = (await self._link.ask(call, READ_SECONDS)).objects
            if not page:
                return found
            after = page[-1].uuid
            chunks = [objects.chunk_of(one.uuid) for one in page]
            found += [chunk for chunk in chunks if chunk is not None]

    async def blind_spots(self, chunks: Sequence[int]) -> list[int]:
        """Those of these chunks that a search with their own vector does not find."""
        ids = [objects.object_id(self._tenant, chunk) for chunk in chunks]
        call = self._handle.query.fetch_objects_by_ids(
            ids, limit=len(ids), include_vector=True, return_properties=[]
        )
        missed = []
        for one in (await self._link.ask(call, READ_SECONDS)).objects:
            vector = one.vector.get("default")
            if vector and not await self._sees(vector):
                missed.append(objects.chunk_of(one.uuid) or 0)
        return missed

    async def _sees(self, vector: Any) -> bool:
        """True when something as near as an entry is to itself is found: equal texts may tie."""
        call = self._handle.query.near_vector(vector, limit=1, distance=1e-3, return_properties=[])
        return bool((await self._link.ask(call, READ_SECONDS)).objects)

    async def _indexed(self) -> None:
        """Wait for vectors: where ASYNC_INDEXING is on, they are searchable later than taken."""
        least, since = await self._queued(), time.monotonic()
        waiting = least
        while waiting:
            if time.monotonic() - since > WRITE_SECONDS:
                raise TimedOut(f"Weaviate is stuck with {waiting} vectors to index", hint="see its log")
            await asyncio.sleep(_POLL_SECONDS)
            waiting = await self._queued()
            if waiting < least:
                least, since = waiting, time.monotonic()

    async def _queued(self) -> int:
        """Vectors that wait to be indexed, on all nodes."""
        client = await self._link.client()
        call = client.cluster.nodes(self._handle.name, self._tenant, output="verbose")
        nodes = await self._link.ask(call, READ_SECONDS)
        return sum(shard.vector_queue_length for node in nodes for shard in node.shards or ())

    async def _send(self, batch: "Sequence[DataObject[Any, None]]") -> None:
        result = await self._link.ask(self._handle.data.insert_many(batch), WRITE_SECONDS)
        for at, error in sorted(result.errors.items()):
            chunk = (batch[at].properties or {}).get("chunk", "state")
            raise BackendError(
                f"Weaviate did not take {len(result.errors)} of {len(batch)} objects; "
                f"the first, chunk {chunk}: {error.message[:300]}"
            )


def _packed(tenant: str, left: Iterator[Entry]) -> "list[DataObject[Any, None]]":
    return [objects.as_object(tenant, entry) for entry in islice(left, _BATCH)]


def _ranked(found: Iterable[tuple[UUID, float]]) -> tuple[Scored, ...]:
    """Positive scores only, best first; ties by chunk."""
    scored = [Scored(objects.chunk_of(one) or 0, score) for one, score in found if score > 0]
    return tuple(sorted(scored, key=lambda one: (-one.score, one.chunk)))
