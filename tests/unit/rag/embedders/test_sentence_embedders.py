from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.embedders import minilm, multilingual
from rag.embedders._library import library
from rag.embedders._onnx import MAX_CHARACTERS
from rag.errors import ConfigError
from rag.settings import Settings
from tests.data import tiny_bert

WEIGHTS = tiny_bert.weights()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_bert.write(tmp_path_factory.mktemp("tiny"), WEIGHTS)


def mean(text: str) -> np.ndarray:
    """The same in NumPy: words set apart by blanks, special tokens in the mean."""
    vector = tiny_bert.hidden(WEIGHTS, *tiny_bert.ids(text)).mean(axis=0)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Annual leave is twenty days.", "annual leave is twenty days [UNK]"),
        ("年假每年十天。", "年 假 每 年 十 天 。"),
        ("the travel 差旅 expenses 报销", "the travel 差 旅 expenses 报 销"),
        ("aab zebra", "a ##a ##b [UNK]"),
    ],
)
def test_minilm_is_the_mean_of_the_token_rows_as_numpy_computes_it(folder, text, words):
    embedder = minilm.connect(str(folder), Settings())
    assert np.allclose(embedder.query(text), mean(words), atol=1e-5)
    assert np.allclose(embedder.passages([text])[0], mean(words), atol=1e-3)


def test_multilingual_puts_the_words_before_that_say_what_a_text_is(folder):
    embedder = multilingual.connect(str(folder), Settings())
    assert np.allclose(embedder.query("年假"), mean("query : 年 假"), atol=1e-5)
    assert np.allclose(embedder.passages(["annual leave"])[0], mean("passage : annual leave"), atol=1e-3)


def test_a_text_without_known_tokens_is_nought_even_with_a_prefix(folder):
    for part in (minilm, multilingual):
        rows = part.connect(str(folder), Settings()).passages(["", " \n", "☃ zebra", "leave"])
        assert np.linalg.norm(rows.astype(np.float32), axis=1) == pytest.approx([0, 0, 0, 1], abs=2e-3)


def test_padding_and_truncation_of_the_shipped_tokenizer_are_undone(folder):
    embedder = minilm.connect(str(folder), Settings())
    text = "annual leave is twenty days ten per year"  # the file asks for 4 tokens, padded to 128
    assert np.allclose(embedder.query(text), mean(text), atol=1e-5)


def test_a_long_text_is_cut_at_what_the_model_was_trained_for(folder, monkeypatch):
    recipe = minilm.Recipe("tiny", "none", most_tokens=12)
    monkeypatch.setattr(minilm, "RECIPE", recipe)
    embedder = minilm.connect(str(folder), Settings())
    assert np.allclose(embedder.query("leave " * 5_000), mean("leave " * 10), atol=1e-5)
    assert np.allclose(embedder.query("年" * 10 * MAX_CHARACTERS), mean("年 " * 10), atol=1e-5)


def test_what_looks_like_a_special_token_is_text(folder):
    embedder = minilm.connect(str(folder), Settings())
    assert np.allclose(embedder.query("leave [SEP] days"), mean("leave [UNK] [UNK] [UNK] days"), atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(folder):
    embedder = minilm.connect(str(folder), Settings())
    texts = ["annual leave", "年假", "the travel expenses are paid in euros", ""] * 5
    rows = embedder.passages(texts)
    assert all(np.array_equal(row, embedder.passages([t])[0]) for t, row in zip(texts, rows, strict=True))
    assert embedder.passages([]).shape == (0, tiny_bert.HIDDEN)


def test_a_graph_without_token_types_is_fed_without_them(tmp_path):
    import onnx

    tiny_bert.write(tmp_path, WEIGHTS)
    model = onnx.load(tmp_path / "onnx/model.onnx")
    kept = [given for given in model.graph.input if given.name != "token_type_ids"]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    types = onnx.helper.make_node("Mul", ["input_ids", "nought"], ["token_type_ids"])
    model.graph.node.insert(0, types)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0), "nought"))
    onnx.save(model, tmp_path / "onnx/model.onnx")
    embedder = minilm.connect(str(tmp_path), Settings())
    assert np.allclose(embedder.query("annual leave"), mean("annual leave"), atol=1e-5)


def test_the_id_tells_one_graph_and_one_vocabulary_from_another(tmp_path):
    first, same = (tiny_bert.write(tmp_path / name, WEIGHTS) for name in "ab")
    other = tiny_bert.write(tmp_path / "c", tiny_bert.weights(seed=8))
    words = tiny_bert.write(tmp_path / "d", WEIGHTS)
    tokenizer = words / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text("utf-8").replace("euros", "pound"), "utf-8")
    ids = [minilm.connect(str(folder), Settings()).id for folder in (first, same, other, words)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert multilingual.connect(str(first), Settings()).id != ids[0]


@pytest.mark.parametrize("graph", ["model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx"])
def test_the_layouts_of_model_repositories_are_known(tmp_path, graph):
    tiny_bert.write(tmp_path, WEIGHTS, graph=graph)
    by_folder = minilm.connect(str(tmp_path), Settings())
    assert by_folder.id == minilm.connect(str(tmp_path / graph), Settings()).id
    assert np.allclose(by_folder.query("leave"), mean("leave"), atol=1e-5)


def test_without_a_folder_the_files_are_looked_for_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tiny_bert.write(tmp_path / "kb/models/minilm", WEIGHTS)
    assert np.allclose(minilm.connect("", Settings()).query("leave"), mean("leave"), atol=1e-5)


@pytest.mark.parametrize("part", [minilm, multilingual])
def test_missing_files_are_named_with_their_repository_and_their_place(tmp_path, monkeypatch, part):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ConfigError) as caught:
        part.connect("", Settings())
    assert str(tmp_path / "kb/models" / part.RECIPE.name) in str(caught.value)
    for said in ("onnx/model.onnx", "tokenizer.json", part.RECIPE.repository):
        assert said in caught.value.hint


def test_only_what_is_missing_is_asked_for(tmp_path):
    (tiny_bert.write(tmp_path, WEIGHTS) / "tokenizer.json").unlink()
    with pytest.raises(ConfigError) as caught:
        minilm.connect(str(tmp_path), Settings())
    assert "tokenizer.json" in caught.value.hint
    assert "model.onnx" not in caught.value.hint


@pytest.mark.parametrize("name", ["onnx/model.onnx", "tokenizer.json"])
def test_a_broken_file_is_named(tmp_path, name):
    (tiny_bert.write(tmp_path, WEIGHTS) / name).write_bytes(b"not this")
    with pytest.raises(ConfigError, match=name.rpartition("/")[2]):
        minilm.connect(str(tmp_path), Settings()).query("leave")


def test_a_graph_of_another_kind_is_refused_by_its_inputs(tmp_path):
    import onnx

    tiny_bert.write(tmp_path, WEIGHTS)
    model = onnx.load(tmp_path / "onnx/model.onnx")
    model.graph.input.append(onnx.helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, [1]))
    onnx.save(model, tmp_path / "onnx/model.onnx")
    with pytest.raises(ConfigError, match="wants pixels"):
        minilm.connect(str(tmp_path), Settings()).query("leave")


def test_a_missing_library_is_named_with_the_extra_that_brings_it():
    with pytest.raises(ConfigError, match="no_such_runtime is not installed") as caught:
        library("no_such_runtime", extra="onnx")
    assert caught.value.hint == 'pip install "kb[onnx]"'


def test_threads_may_share_one_embedder_from_its_first_text_on(folder):
    embedder = minilm.connect(str(folder), Settings())
    texts = ["annual leave", "年假", "travel expenses are paid"] * 10
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(embedder.query, texts))
    assert all(np.array_equal(row, embedder.query(t)) for t, row in zip(texts, found, strict=True))
