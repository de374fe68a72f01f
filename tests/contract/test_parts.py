"""What holds for every embedder, loader and splitter, whoever wrote it."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.types import Loaded
from rag.embedders import Embedder
from rag.errors import UnreadableFile
from rag.plugins import load, names
from rag.settings import Settings

TEXTS = ("annual leave is twenty days", "年假每年十天", "", "☃", "a" * 20_000)


@pytest.fixture(params=names("embedders"), scope="module")
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = load("embedders", request.param).connect("", Settings())
    return made


@pytest.fixture(params=names("loaders"))
def loader(request: pytest.FixtureRequest) -> ModuleType:
    return load("loaders", request.param)


def test_a_passage_is_a_unit_vector_or_nothing(embedder: Embedder) -> None:
    vectors = embedder.passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float16
    for length in np.linalg.norm(vectors.astype(np.float32), axis=1):
        assert length == pytest.approx(1.0, abs=2e-3) or length == 0.0


def test_a_question_meets_the_passage_of_the_same_words(embedder: Embedder) -> None:
    passages = embedder.passages(TEXTS[:2]).astype(np.float32)
    for text, other in ((0, 1), (1, 0)):
        query = embedder.query(TEXTS[text])
        assert query @ passages[text] > max(0.9, query @ passages[other])


def test_vectors_do_not_depend_on_what_was_embedded_before(embedder: Embedder) -> None:
    alone = embedder.passages(TEXTS[:1])
    embedder.passages(["something else entirely", "完全不同的句子"])
    assert np.array_equal(alone, embedder.passages([TEXTS[0]]))


def test_an_embedder_says_what_made_its_vectors(embedder: Embedder) -> None:
    assert embedder.id
    assert not embedder.id.isspace()


def test_a_loader_names_its_suffixes_and_version(loader: ModuleType) -> None:
    assert loader.SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in loader.SUFFIXES)
    assert isinstance(loader.VERSION, int)


def test_no_two_loaders_claim_a_suffix() -> None:
    claimed = [suffix for name in names("loaders") for suffix in load("loaders", name).SUFFIXES]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("name", names("loaders"))
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=400))
def test_rubbish_is_refused_with_a_state_or_read_with_true_offsets(name: str, data: bytes) -> None:
    module = load("loaders", name)
    try:
        loaded: Loaded | None = module.load(data, f"file{module.SUFFIXES[0]}")
        refused = ""
    except UnreadableFile as error:
        loaded, refused = None, error.state
    assert (loaded is None) is bool(refused)
    last = 0
    for section in loaded.sections if loaded else ():
        assert last <= section.span.start <= section.span.end <= len(loaded.text if loaded else "")
        last = section.span.end
