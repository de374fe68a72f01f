"""The library from a folder of one's own; skipped where the extra `fastembed` is not installed."""

import numpy as np
import pytest

from rag.embedders import fastembed
from rag.errors import ConfigError
from rag.settings import Settings
from tests.data import tiny_bert

pytest.importorskip("fastembed", reason="the extra fastembed is not installed")
WEIGHTS = tiny_bert.weights()


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    """What follows the colon: a model that the library was told of, and its folder."""
    folder = tiny_bert.write(tmp_path_factory.mktemp("fastembed"), WEIGHTS)
    return f"{tiny_bert.known_to_fastembed(folder)}@{folder}"


def test_it_gives_what_numpy_computes(setting):
    embedder = fastembed.connect(setting, Settings())
    for text, words in (("annual leave", "annual leave"), ("年假", "年 假")):
        expected = tiny_bert.hidden(WEIGHTS, *tiny_bert.ids(words)).mean(axis=0)
        expected /= np.linalg.norm(expected)
        assert np.allclose(embedder.query(text), expected, atol=1e-5)
        assert np.allclose(embedder.passages(["", text])[1], expected, atol=1e-3)
    assert not embedder.passages([""]).any()


def test_its_id_names_the_model_and_the_version_of_the_library(setting):
    embedder = fastembed.connect(setting, Settings())
    assert embedder.id.startswith("fastembed-")
    assert embedder.id.endswith(setting.partition("@")[0])


def test_a_model_that_the_library_does_not_know_is_answered_with_those_it_knows():
    with pytest.raises(ConfigError, match="wombat") as caught:
        fastembed.connect("wombat", Settings())
    assert "BAAI/bge-small-en-v1.5" in caught.value.hint


def test_a_folder_without_the_files_is_told(setting, tmp_path):
    with pytest.raises(ConfigError, match="cannot load"):
        fastembed.connect(setting.partition("@")[0] + f"@{tmp_path}", Settings()).query("leave")
