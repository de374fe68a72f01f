"""What holds for every embedder, whoever wrote it; each with the files or the service that it needs."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rag.embedders import Embedder
from rag.plugins import load, names
from rag.settings import Settings
from tests.data import tiny_bert
from tests.servers.embedding import DIMENSIONS, EmbeddingServer

TEXTS = ("annual leave is twenty days", "年假每年十天", "", "☃", "a" * 20_000)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as running:
        yield running


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder."""
    return tiny_bert.write(tmp_path_factory.mktemp("tiny"), tiny_bert.weights())


@pytest.fixture(params=names("embedders"), scope="module")
def embedder(request: pytest.FixtureRequest, tiny: Path, server: EmbeddingServer) -> Embedder:
    name = request.param
    if name == "fastembed" and not find_spec("fastembed"):
        pytest.skip("the extra fastembed is not installed")
    settled = {
        "minilm": lambda: str(tiny),
        "multilingual": lambda: str(tiny),
        "fastembed": lambda: f"{tiny_bert.known_to_fastembed(tiny)}@{tiny}",
        "openai": lambda: f"honest?dimensions={DIMENSIONS}&url={server.v1}",
    }
    made: Embedder = load("embedders", name).connect(settled.get(name, str)(), Settings())
    return made


def test_a_passage_is_a_unit_vector_or_nothing(embedder: Embedder) -> None:
    vectors = embedder.passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float16
    lengths = np.linalg.norm(vectors.astype(np.float32), axis=1)
    assert lengths[:3] == pytest.approx([1, 1, 0], abs=2e-3)
    assert all(length == pytest.approx(1.0, abs=2e-3) or length == 0.0 for length in lengths[3:])


def test_no_passages_are_no_rows(embedder: Embedder) -> None:
    assert embedder.passages([]).shape == (0, embedder.dimensions)


def test_a_query_is_one_unit_vector_in_single_precision(embedder: Embedder) -> None:
    vector = embedder.query("annual leave 年假")
    assert vector.dtype == np.float32
    assert vector.shape == (embedder.dimensions,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


def test_a_question_meets_the_passage_of_the_same_words(embedder: Embedder) -> None:
    passages = embedder.passages(TEXTS[:2]).astype(np.float32)
    for text, other in ((0, 1), (1, 0)):
        query = embedder.query(TEXTS[text])
        assert query @ passages[text] > max(0.9, query @ passages[other])


def test_vectors_do_not_depend_on_what_is_embedded_before_or_beside(embedder: Embedder) -> None:
    alone = embedder.passages(TEXTS[:1])
    beside = embedder.passages(["something else entirely, and longer", TEXTS[0], "完全不同的句子"])
    assert np.array_equal(alone[0], beside[1])
    assert np.array_equal(alone, embedder.passages(TEXTS[:1]))


def test_an_embedder_says_what_made_its_vectors(embedder: Embedder) -> None:
    assert embedder.id
    assert embedder.id.isprintable()
    assert " " not in embedder.id
