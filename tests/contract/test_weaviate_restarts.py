"""The Weaviate store when its server is killed, comes back, or wants a key: servers of their own."""

from pathlib import Path

import anyio
import pytest

from rag.errors import ConfigError, Unreachable
from rag.stores import Change, Query, State
from tests.contract.asking import EAST, all_found, find, ids, open_weaviate, put
from tests.contract.entries import entry, random_vectors
from tests.servers.weaviate import WeaviateServer

# The session's server is not used, but without its binary these are skipped or fail alike.
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("weaviate_server")]


async def test_a_killed_server_comes_back_with_everything(tmp_path: Path, tenant: str) -> None:
    with WeaviateServer(tmp_path / "weaviate") as server:
        one = open_weaviate(server.url)
        vectors = random_vectors(300, seed=5)
        await put(one, tenant, *(entry(n, f"common n{n}", vector=vectors[n]) for n in range(300)))
        await one.apply(tenant, Change(2, [entry(300, vector=EAST)], range(100)))
        everything = Query(("common",), EAST, limit=400)
        before = await one.search(tenant, everything, seq=2)
        server.kill()
        for _ in range(2):  # the call that loses the connection, and one that finds none
            with pytest.raises(Unreachable):
                await find(one, tenant, seq=2)
        server.start()
        assert await one.state(tenant) == State(2, 201)
        after = await one.search(tenant, everything, seq=2)
        assert set(ids(after.words)) == set(ids(before.words)) == set(range(100, 301))
        assert after.vectors == before.vectors
        assert await one.check(tenant) == []
        await one.close()


async def test_calls_under_way_when_the_server_is_lost_all_say_so(tmp_path: Path, tenant: str) -> None:
    with WeaviateServer(tmp_path / "weaviate") as server:
        one = open_weaviate(server.url)
        await put(one, tenant, entry(1))
        told: list[str] = []

        async def ask() -> None:
            try:
                await find(one, tenant, seq=1)
            except Unreachable as error:
                told.append(error.hint)

        async with anyio.create_task_group() as group:
            server.kill()
            for _ in range(8):
                group.start_soon(ask)
        assert len(told) == 8
        await one.close()


async def test_a_server_with_keys_wants_the_right_one(tmp_path: Path, tenant: str) -> None:
    keys = {
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "right",
        "AUTHENTICATION_APIKEY_USERS": "kb",
        "AUTHORIZATION_ADMINLIST_ENABLED": "true",
        "AUTHORIZATION_ADMINLIST_USERS": "kb",
    }
    with WeaviateServer(tmp_path / "weaviate", keys) as server:
        for key in ("", "wrong"):
            one = open_weaviate(server.url, weaviate_key=key)
            with pytest.raises(ConfigError) as caught:
                await put(one, tenant, entry(1))
            assert "KB_WEAVIATE_KEY" in caught.value.hint
            await one.close()
        one = open_weaviate(server.url, weaviate_key="right")
        await put(one, tenant, entry(1, vector=EAST))
        assert await all_found(one, tenant) == {1}
        await one.close()
