"""An embedder behind a network: the parent asks it, with its key; a child never does."""

import pytest

from ingest.run import Order, ingest
from rag import open_system
from rag.errors import BackendError, ConfigError
from rag.settings import Settings
from tests.servers.embedding import DIMENSIONS, EmbeddingServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "documents"
    place.mkdir()
    (place / "leave.md").write_text("# Leave\n\nAnnual leave is twenty days.\n", "utf-8")
    (place / "年假.md").write_text("# 年假\n\n年假每年十天。\n", "utf-8")
    return place


def settings(tmp_path, server, model="honest") -> Settings:
    embedder = f"openai:{model}?dimensions={DIMENSIONS}"
    return Settings(home=tmp_path / "home", embedder=embedder, model_url=server.v1, model_key="sk-parent")


async def test_documents_are_embedded_with_the_key_that_only_the_parent_has(tmp_path, folder):
    with EmbeddingServer() as server:
        async with open_system(settings(tmp_path, server)) as system:
            report = await ingest(system, Order(folder, "default"))
            assert (len(report.new), report.failed) == (2, [])
            hits = await system.search("How many days of annual leave?")
            assert hits[0].source.endswith("leave.md")
        assert all(sent.get("authorization") == "Bearer sk-parent" for sent in server.headers)


async def test_a_service_that_fails_stops_the_ingest_before_anything_is_read(tmp_path, folder):
    with EmbeddingServer() as server:
        async with open_system(settings(tmp_path, server, "status-401")) as system:
            with pytest.raises(BackendError, match="401"):
                await ingest(system, Order(folder, "default"))
            assert await system.documents() == []


async def test_another_embedder_stops_the_ingest_and_the_question_with_the_same_words(tmp_path, folder):
    said = []
    with EmbeddingServer() as server:
        async with open_system(settings(tmp_path, server)) as system:
            await ingest(system, Order(folder, "default"))
        async with open_system(home=str(tmp_path / "home"), embedder="hashing") as system:
            for step in (ingest(system, Order(folder, "default")), system.search("leave")):
                with pytest.raises(ConfigError) as caught:
                    await step
                said.append((str(caught.value), caught.value.hint))
    assert said[0] == said[1]
