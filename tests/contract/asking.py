"""Short ways to fill a store and to ask it."""

from collections.abc import Sequence

from rag.filters import Filter
from rag.settings import load
from rag.stores import Candidates, Change, Entry, Query, Scored, Store
from rag.stores.weaviate import WeaviateStore, connect
from tests.contract.entries import unit

EAST, NORTH, WEST = unit([1, 0]), unit([0, 1]), unit([-1, 0])


def ids(found: Sequence[Scored]) -> list[int]:
    return [one.chunk for one in found]


async def put(store: Store, tenant: str, *entries: Entry, seq: int = 1) -> None:
    await store.apply(tenant, Change(seq, entries))


async def find(store: Store, tenant: str, condition: Filter | None = None, seq: int = 0) -> Candidates:
    """Everything that holds the word `common` or points anywhere near east."""
    return await store.search(tenant, Query(("common",), EAST, condition, 100), seq=seq)


async def all_found(store: Store, tenant: str, condition: Filter | None = None) -> set[int]:
    """What both lists agree on; they differ only where an entry lacks the word or the direction."""
    found = await find(store, tenant, condition)
    assert set(ids(found.words)) == set(ids(found.vectors))
    return set(ids(found.words))


def open_weaviate(url: str, **settings: object) -> WeaviateStore:
    return connect(url, load(**settings))
