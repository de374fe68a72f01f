import asyncio

import pytest

from rag.errors import BackendError, ConfigError, Throttled, TimedOut, Unreachable
from rag.plugins import load
from rag.rerankers import Reranker, _service
from rag.settings import Settings
from tests.servers.embedding import EmbeddingServer

QUESTION = "How many days of annual leave 年假多少天?"
TEXTS = ["travel expenses in euros", "annual leave: twenty days 年假二十天", "days off", "差旅费用"]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["cohere", "jina"])
def kind(request) -> str:
    return request.param


def open_reranker(kind: str, server: EmbeddingServer, model: str = "honest", **settings) -> Reranker:
    return load("rerankers", kind).connect(f"{model}?url={server.url}", Settings(**settings))


async def scores(reranker: Reranker, texts: list[str] = TEXTS) -> list[float]:
    try:
        return await reranker.scores(QUESTION, texts)
    finally:
        await reranker.close()


async def test_scores_come_in_the_order_of_the_texts(kind, server):
    found = await scores(open_reranker(kind, server))
    assert found[1] == max(found)
    assert await scores(open_reranker(kind, server, "backwards")) == found
    assert await scores(open_reranker(kind, server), TEXTS[::-1]) == found[::-1]


async def test_all_texts_are_asked_for_on_the_path_of_the_wire(kind, server):
    await scores(open_reranker(kind, server))
    sent = server.requests[-1]
    assert (sent["query"], sent["documents"], sent["top_n"]) == (QUESTION, TEXTS, len(TEXTS))


async def test_a_text_that_the_service_leaves_out_comes_last(kind, server):
    whole = await scores(open_reranker(kind, server))
    found = await scores(open_reranker(kind, server, "short"))
    least = whole.index(min(whole))
    assert found[least] < min(found[:least] + found[least + 1 :])
    assert [s for n, s in enumerate(found) if n != least] == [s for n, s in enumerate(whole) if n != least]


async def test_no_texts_need_no_service(kind, server):
    assert await scores(open_reranker(kind, server, "status-500"), []) == []
    assert server.count("status-500") == 0


REFUSED = "empty strings twice outside index-true index-text long unnumbered text null score-nan score-true"


@pytest.mark.parametrize("fault", [*REFUSED.split(), "html", "list"])
async def test_an_answer_that_is_not_one_number_a_text_is_refused(kind, server, fault):
    with pytest.raises(BackendError, match="rerank service sen"):
        await scores(open_reranker(kind, server, fault))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status-429=7", Throttled),
        ("status-500", BackendError),
        ("status-504", TimedOut),
        ("status-401", BackendError),
        ("status-302", BackendError),
        ("drop", Unreachable),
        ("half", Unreachable),
    ],
)
async def test_a_fault_is_told_at_once_and_never_tried_again(kind, server, fault, error):
    before = server.count(fault)
    with pytest.raises(error) as caught:
        await scores(open_reranker(kind, server, fault))
    assert server.count(fault) == before + 1
    assert "secret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("fault", ["hang", "drip"])
async def test_a_service_that_hangs_or_drips_is_left_at_the_deadline(kind, server, fault):
    with pytest.raises(TimedOut):
        await scores(open_reranker(kind, server, fault, deadline=0.2))


async def test_it_can_be_cancelled_while_it_waits(kind, server):
    reranker = open_reranker(kind, server, "hang")
    task = asyncio.create_task(scores(reranker))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_endless_answer_is_not_read(kind, server, monkeypatch):
    monkeypatch.setattr(_service, "MAX_BYTES", 20)
    with pytest.raises(BackendError, match="more than any answer needs"):
        await scores(open_reranker(kind, server))


async def test_the_key_of_the_provider_is_not_sent_to_another_service(kind, server, monkeypatch):
    monkeypatch.setenv(f"{kind.upper()}_API_KEY", "of-the-provider")
    await scores(open_reranker(kind, server))
    assert "authorization" not in server.headers[-1]
    await scores(open_reranker(kind, server, reranker_key="own"))
    assert server.headers[-1]["authorization"] == "Bearer own"


async def test_its_name_says_the_kind_and_the_model(kind, server):
    assert open_reranker(kind, server).name == f"{kind}:honest"


async def test_without_a_key_the_hint_says_where_it_goes(kind):
    with pytest.raises(ConfigError) as caught:
        load("rerankers", kind).connect("", Settings())
    assert f"{kind.upper()}_API_KEY" in caught.value.hint
