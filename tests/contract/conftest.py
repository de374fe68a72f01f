"""Every store by its name, with the server it needs, if it needs one."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from rag import plugins
from rag.settings import load
from rag.stores import Store
from tests.servers.weaviate import ServerError, WeaviateServer, binary


@pytest.fixture(scope="session")
def weaviate_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeaviateServer]:
    """One server for the session (with xdist: for each worker); every test has its own tenant."""
    if not binary().is_file():
        reason = f"no {binary()}; `python -m tests.servers.weaviate build` makes it"
        if "weaviate" in os.environ.get("KB_REQUIRE", "").split(","):
            pytest.fail(f"KB_REQUIRE names weaviate: {reason}")
        pytest.skip(reason)
    server = WeaviateServer(tmp_path_factory.mktemp("weaviate"))
    try:
        server.start()
    except ServerError as error:
        pytest.fail(str(error))
    yield server
    server.stop()


@pytest.fixture(params=plugins.names("stores"))
def store_url(request: pytest.FixtureRequest) -> str:
    """What KB_STORE would be. A store without a server is named by itself."""
    if request.param != "weaviate":
        return str(request.param)
    server: WeaviateServer = request.getfixturevalue("weaviate_server")
    return f"{server.url}&collection=KbContract"


@pytest.fixture
async def store(store_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """The store, opened in the test's own event loop."""
    name = store_url.partition(":")[0]
    opened: Store = plugins.load("stores", name).connect(store_url, load(home=tmp_path))
    yield opened
    await opened.close()


@pytest.fixture
def tenant() -> str:
    """A tenant that nothing has been written for."""
    return f"t{uuid4().hex}"
