"""What holds for every reranker, whoever wrote it; each with the files or the service that it needs."""

import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from rag.plugins import load, names
from rag.rerankers import Reranker
from rag.settings import Settings
from tests.data import tiny_bert
from tests.servers.embedding import EmbeddingServer

QUESTION = "annual leave 年假多少天"
TEXTS = ["annual leave is twenty days", "travel expenses are paid", "年假每年十天", "", "☃", "a" * 20_000]

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running


@pytest.fixture(params=names("rerankers"))
async def reranker(
    request: pytest.FixtureRequest, tmp_path: Path, server: EmbeddingServer
) -> AsyncIterator[Reranker]:
    settled = {
        "onnx": str(tmp_path),
        "cohere": f"honest?url={server.url}",
        "jina": f"honest?url={server.url}",
    }
    tiny_bert.write(tmp_path, tiny_bert.weights(labels=1))
    made: Reranker = load("rerankers", request.param).connect(settled.get(request.param, ""), Settings())
    yield made
    await made.close()


async def test_every_text_gets_one_finite_score(reranker: Reranker) -> None:
    found = await reranker.scores(QUESTION, TEXTS)
    assert len(found) == len(TEXTS)
    assert all(type(score) is float and math.isfinite(score) for score in found)


async def test_a_text_keeps_its_rank_wherever_it_stands(reranker: Reranker) -> None:
    found = await reranker.scores(QUESTION, TEXTS)
    assert (await reranker.scores(QUESTION, TEXTS[::-1]))[::-1] == pytest.approx(found)


async def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert await reranker.scores(QUESTION, []) == []


async def test_it_can_be_used_after_it_was_closed(reranker: Reranker) -> None:
    await reranker.close()
    assert len(await reranker.scores(QUESTION, TEXTS[:1])) == 1


async def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.name
    assert reranker.name.isprintable()
