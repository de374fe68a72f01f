"""What only the Weaviate store does with a server: its errors and its collection."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from rag.errors import BackendError, ConfigError, Damaged, TimedOut, Unreachable
from rag.filters import Eq, Not
from rag.settings import load
from rag.stores import Change, Query, State
from rag.stores import _weaviate_link as link
from rag.stores import _weaviate_partition as partition
from rag.stores import _weaviate_schema as schema
from rag.stores._weaviate_address import parse
from rag.stores._weaviate_partition import Partition
from rag.stores.weaviate import WeaviateStore
from tests.contract.asking import EAST, all_found, find, ids, open_weaviate, put
from tests.contract.entries import entry, random_vectors, unit
from tests.servers.weaviate import WeaviateServer

pytestmark = pytest.mark.anyio

NOBODY = "weaviate://127.0.0.1:1?grpc=2"


@pytest.fixture
async def store(weaviate_server: WeaviateServer) -> AsyncIterator[WeaviateStore]:
    one = open_weaviate(f"{weaviate_server.url}&collection=KbContract")
    yield one
    await one.close()


@pytest.fixture
async def client(weaviate_server: WeaviateServer) -> AsyncIterator[Any]:
    """A plain client, to look behind the store and to make what is not ours."""
    one = link._new_client(parse(weaviate_server.url).hosts[0], load().weaviate_key)
    await one.connect()
    yield one
    await one.close()


# Values and names


async def test_half_a_character_equals_nothing(store: WeaviateStore, tenant: str) -> None:
    await put(store, tenant, entry(1, vector=EAST))
    assert await all_found(store, tenant, Eq("document", "\ud800")) == set()


@pytest.mark.parametrize("name", ["", "a/b", "../a", "a b", "租户", "x" * 65, "a\n"])
async def test_a_tenant_that_weaviate_cannot_name_is_refused(store: WeaviateStore, name: str) -> None:
    with pytest.raises(ConfigError):
        await store.state(name)


# Errors


async def test_without_a_server_every_call_says_how_to_go_on(tenant: str) -> None:
    nobody = open_weaviate(NOBODY)
    for call in (
        nobody.state(tenant),
        nobody.search(tenant, Query(("x",))),
        nobody.apply(tenant, Change(1)),
        nobody.drop(tenant),
    ):
        with pytest.raises(Unreachable) as caught:
            await call
        assert "KB_STORE" in caught.value.hint
    await nobody.close()


async def test_a_port_that_speaks_no_grpc_is_unreachable(weaviate_server: WeaviateServer) -> None:
    half = open_weaviate(weaviate_server.url.partition("?")[0] + "?grpc=2")
    with pytest.raises(Unreachable):
        await half.state("t")


async def test_the_second_host_answers_when_the_first_is_away(
    weaviate_server: WeaviateServer, tenant: str
) -> None:
    host = parse(weaviate_server.url).hosts[0]
    pair = open_weaviate(f"weaviate://127.0.0.1:1,{host}?grpc=2,{host.grpc}&collection=KbContract")
    await put(pair, tenant, entry(1))
    assert await pair.state(tenant) == State(1, 1)
    await pair.close()


async def test_a_call_that_takes_too_long_is_timed_out(
    store: WeaviateStore, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_PATIENCE_SECONDS", 0.01)
    await store.state(tenant)
    with pytest.raises(TimedOut):
        await store._link.ask(anyio.sleep_forever(), 0.01)


async def test_objects_that_are_not_taken_are_named_and_the_change_is_not_finished(
    store: WeaviateStore, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    await put(store, tenant, entry(1))
    odd = entry(8, "a secret text", vector=random_vectors(1, seed=1, size=48)[0])
    with caplog.at_level(logging.DEBUG), pytest.raises(BackendError) as caught:
        await put(store, tenant, entry(7), odd, seq=2)
    assert "chunk 8" in str(caught.value)
    assert "secret" not in str(caught.value) + caplog.text
    assert (await store.state(tenant)).seq == 1


async def test_a_change_that_is_cut_short_converges_when_repeated(
    store: WeaviateStore, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, tenant, entry(1, vector=EAST), entry(2, vector=EAST))

    async def cut(self: Partition, seq: int) -> None:
        raise Unreachable("pulled out")

    change = Change(2, [entry(3, vector=EAST)], [1])
    with monkeypatch.context() as patch:
        patch.setattr(Partition, "finish", cut)
        with pytest.raises(Unreachable):
            await store.apply(tenant, change)
    with pytest.raises(Damaged):
        await find(store, tenant, seq=2)
    await store.apply(tenant, change)
    assert ids((await find(store, tenant, seq=2)).vectors) == [2, 3]


async def test_what_another_process_does_is_seen_at_once(
    store: WeaviateStore, weaviate_server: WeaviateServer, tenant: str
) -> None:
    await put(store, tenant, entry(1, vector=EAST))
    assert ids((await find(store, tenant, seq=1)).words) == [1]
    other = open_weaviate(f"{weaviate_server.url}&collection=KbContract")
    await other.drop(tenant)
    with pytest.raises(Damaged):
        await find(store, tenant, seq=1)
    await other.rebuild(tenant, [entry(2, vector=EAST)], 1)
    assert ids((await find(store, tenant, seq=1)).words) == [2]
    await other.close()


async def test_a_check_sees_that_a_change_was_never_finished(
    store: WeaviateStore, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def skip(self: Partition, seq: int) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(Partition, "finish", skip)
        await put(store, tenant, entry(1))
    assert "ever finished" in (await store.check(tenant))[0]


async def test_a_change_is_finished_when_its_vectors_are_searchable(
    store: WeaviateStore, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [5, 5, 1, 0, 9]

    async def queued(self: Partition) -> int:
        return waiting.pop(0)

    monkeypatch.setattr(Partition, "_queued", queued)
    await put(store, tenant, entry(1))
    assert waiting == [9]
    assert await store.state(tenant) == State(1, 1)


async def test_a_change_whose_vectors_stay_behind_is_timed_out(
    store: WeaviateStore, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def queued(self: Partition) -> int:
        return 5

    monkeypatch.setattr(Partition, "_queued", queued)
    monkeypatch.setattr(partition, "WRITE_SECONDS", 0.0)
    with pytest.raises(TimedOut):
        await put(store, tenant, entry(1))
    assert await store.state(tenant) == State(0, 1)


# The collection


async def test_reading_makes_no_collection(weaviate_server: WeaviateServer, client: Any) -> None:
    reader = open_weaviate(f"{weaviate_server.url}&collection=KbNever")
    assert await reader.state("t") == State(0, 0)
    assert await reader.chunks("t") == set()
    assert await reader.check("t") == []
    assert (await find(reader, "t")).words == ()
    await reader.drop("t")
    with pytest.raises(Damaged):
        await find(reader, "t", seq=1)
    assert not await client.collections.exists("KbNever")
    await reader.close()


async def test_a_collection_that_vanished_is_made_again(
    weaviate_server: WeaviateServer, client: Any, tenant: str
) -> None:
    one = open_weaviate(f"{weaviate_server.url}&collection=KbGone")
    await put(one, tenant, entry(1, vector=EAST))
    await client.collections.delete("KbGone")
    assert await one.state(tenant) == State(0, 0)
    await put(one, tenant, entry(2, vector=EAST))
    assert await all_found(one, tenant) == {2}
    await one.close()


async def test_a_graph_index_may_be_chosen(weaviate_server: WeaviateServer, client: Any, tenant: str) -> None:
    graph = open_weaviate(f"{weaviate_server.url}&collection=KbGraph&index=hnsw")
    await put(graph, tenant, *(entry(n, vector=unit([1, n])) for n in range(1, 9)))
    assert ids((await find(graph, tenant)).vectors) == list(range(1, 9))
    assert (await find(graph, tenant, Not(Eq("document", "d1")))).vectors[0].chunk == 2
    assert await graph.check(tenant) == []
    vectors = (await client.collections.use("KbGraph").config.get()).vector_config
    assert vectors["default"].vector_index_config.ef == 1000
    await graph.close()


def _strange(name: str) -> tuple[dict[str, schema.Column], Any, bool]:
    """Columns, vector index and tenancy of a collection that is ours but for one thing."""
    from weaviate.classes.config import Configure, VectorDistances

    flat, whole = Configure.VectorIndex.flat, Configure.VectorIndex.Quantizer.none()
    columns, index = dict(schema.COLUMNS), schema._vector_index("flat")
    if name == "KbLess":
        del columns["tokens"]
    if name == "KbOther":
        columns["document"] = schema.Column("text")
    if name == "KbDots":
        index = flat(distance_metric=VectorDistances.DOT, quantizer=whole)
    if name == "KbSmall":
        bits = Configure.VectorIndex.Quantizer.bq()
        index = flat(distance_metric=VectorDistances.COSINE, quantizer=bits)
    return columns, index, name != "KbPlain"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("KbPlain", "multi-tenancy"),
        ("KbLess", "no property tokens"),
        ("KbOther", "property document"),
        ("KbDots", "not cosine"),
        ("KbSmall", "compresses"),
    ],
)
async def test_a_collection_that_is_not_ours_is_refused_by_name(
    weaviate_server: WeaviateServer, client: Any, tenant: str, monkeypatch: Any, name: str, fault: str
) -> None:
    from weaviate.classes.config import Configure

    columns, index, is_shared = _strange(name)
    multi_tenancy = Configure.multi_tenancy
    with monkeypatch.context() as patch:
        patch.setattr(schema, "COLUMNS", columns)
        patch.setattr(schema, "_vector_index", lambda kind: index)
        patch.setattr(Configure, "multi_tenancy", lambda **_: multi_tenancy(enabled=is_shared))
        await schema.create(client, name, "flat")
    one = open_weaviate(f"{weaviate_server.url}&collection={name}")
    with pytest.raises(ConfigError) as caught:
        await put(one, tenant, entry(1))
    assert name in str(caught.value)
    assert fault in str(caught.value)
    assert "?collection=" in caught.value.hint
    await one.close()
