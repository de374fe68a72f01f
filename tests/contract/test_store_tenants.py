"""Tenants are apart in every store; they come, are rebuilt, and go."""

import numpy as np
import pytest

from rag.errors import Damaged
from rag.filters import All, Any, Eq, Filter, In, Not, Range
from rag.stores import Candidates, Change, Query, State, Store
from tests.contract.asking import EAST, all_found, find, ids, put
from tests.contract.entries import entry

pytestmark = pytest.mark.anyio


async def test_another_tenants_chunk_is_never_found(store: Store, tenant: str) -> None:
    mine, other = tenant, f"{tenant}-b"
    await put(store, mine, entry(1, vector=EAST), entry(2, vector=EAST))
    await put(store, other, *(entry(n, vector=EAST) for n in range(3, 60)))
    hostile: list[Filter | None] = [
        None,
        All(()),
        Not(Any(())),
        Not(Eq("document", "d1")),
        Any((Eq("document", "d40"), Not(Eq("document", "d40")))),
        In("document", (f'{mine}") or tenant == "{other}', f"../{other}", "d40")),
        Eq("collection", f"handbook') || tenant='{other}"),
        Range("updated"),
    ]
    for condition in hostile:
        assert await all_found(store, mine, condition) <= {1, 2}
    assert await store.chunks(mine) == {1, 2}
    assert await store.state(other) == State(1, 57)


async def test_the_same_chunk_number_in_two_tenants_is_two_chunks(store: Store, tenant: str) -> None:
    other = f"{tenant}-b"
    await put(store, tenant, entry(1, "apples"))
    await put(store, other, entry(1, "pears"))
    await store.apply(other, Change(2, remove=[1]))
    assert ids((await store.search(tenant, Query(("appl",)))).words) == [1]
    assert await store.state(other) == State(2, 0)


async def test_an_unknown_tenant_is_empty(store: Store, tenant: str) -> None:
    assert await find(store, tenant) == Candidates()
    assert await find(store, tenant, Not(Eq("document", "d1"))) == Candidates()
    assert await store.state(tenant) == State(0, 0)
    assert await store.chunks(tenant) == set()
    assert await store.check(tenant) == []


async def test_an_unknown_tenant_that_ought_to_hold_something_is_damage(store: Store, tenant: str) -> None:
    with pytest.raises(Damaged) as caught:
        await find(store, tenant, seq=1)
    assert "kb doctor --fix" in caught.value.hint


async def test_a_dropped_tenant_is_unknown_again_and_may_come_back(store: Store, tenant: str) -> None:
    other = f"{tenant}-b"
    await put(store, tenant, entry(1, vector=EAST), seq=7)
    await put(store, other, entry(1, vector=EAST))
    await store.drop(tenant)
    await store.drop(tenant)
    assert await find(store, tenant) == Candidates()
    assert await store.state(tenant) == State(0, 0)
    assert await store.state(other) == State(1, 1)
    await put(store, tenant, entry(2, vector=EAST))
    assert await all_found(store, tenant) == {2}


async def test_dropping_an_unknown_tenant_is_quiet(store: Store, tenant: str) -> None:
    await store.drop(tenant)


# Change numbers, rebuilding, closing


async def test_a_change_that_is_not_there_yet_is_damage_not_a_wrong_answer(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, vector=EAST), seq=3)
    assert ids((await find(store, tenant, seq=3)).words) == [1]
    assert ids((await find(store, tenant, seq=2)).words) == [1]
    for condition in (None, Any(())):
        with pytest.raises(Damaged) as caught:
            await find(store, tenant, condition, seq=4)
        assert "kb doctor --fix" in caught.value.hint
    await put(store, tenant, entry(2, vector=EAST), seq=4)
    assert set(ids((await find(store, tenant, seq=4)).words)) == {1, 2}


async def test_a_rebuild_replaces_everything(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "common apples", vector=EAST), entry(2, vector=EAST))
    await store.rebuild(tenant, iter([entry(2, "common pears", vector=EAST), entry(3, vector=EAST)]), 9)
    assert await all_found(store, tenant) == {2, 3}
    assert (await store.search(tenant, Query(("appl",)))).words == ()
    assert await store.state(tenant) == State(9, 2)
    assert await store.chunks(tenant) == {2, 3}
    assert await store.check(tenant) == []


async def test_a_rebuild_may_bring_vectors_of_another_length(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, vector=EAST))
    await store.rebuild(tenant, [entry(1, vector=np.eye(48)[0])], 2)
    found = await store.search(tenant, Query(vector=np.eye(48, dtype=np.float32)[0]), seq=2)
    assert ids(found.vectors) == [1]


async def test_a_rebuild_with_nothing_leaves_nothing(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    await store.rebuild(tenant, [], 2)
    assert await store.state(tenant) == State(2, 0)
    assert await find(store, tenant, seq=2) == Candidates()


async def test_a_rebuild_of_an_unknown_tenant_makes_it(store: Store, tenant: str) -> None:
    await store.rebuild(tenant, [entry(1, vector=EAST)], 5)
    assert await store.state(tenant) == State(5, 1)
    await put(store, tenant, entry(2, vector=EAST), seq=6)
    assert await all_found(store, tenant) == {1, 2}


async def test_closing_twice_is_quiet(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    await store.close()
    await store.close()


async def test_closing_before_any_use_is_quiet(store: Store) -> None:
    await store.close()


async def test_a_store_says_its_name_and_whether_it_keeps_traces(store: Store, store_url: str) -> None:
    assert store.name == store_url.partition(":")[0]
    assert isinstance(store.keeps_traces, bool)
