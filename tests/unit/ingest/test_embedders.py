import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from rag.embedders import _llama_tokens, hashing, wordllama
from rag.settings import Settings

TEXTS = [
    "How many days of annual leave do we get?",
    "年假可以休多少天？ The T20 logger 记录仪, v3.3.2 (b).",
    "naïve café — “quoted” ½ ﬁ 🙂 mixed中文English123数字",
    "https://example.com/a/b?c=d&e=f " * 3,
    "a" * 40 + " " + "-" * 30 + "\tx\n\ny",
    "<s> </s> <unk> ▁ under▁score",
]


@pytest.fixture(scope="module")
def reference():
    """wordllama's own result: all tokens of the whole text, averaged."""
    tokenizer = Tokenizer.from_file(
        str(_llama_tokens.package() / "tokenizers/l2_supercat_tokenizer_config.json")
    )
    tokenizer.encode_special_tokens = True

    def embed(text):
        ids = tokenizer.encode(" ".join(text.replace("▁", " ").split()), add_special_tokens=False).ids
        mean = _llama_tokens.vectors()[ids].astype(np.float32).sum(axis=0)
        return mean / np.linalg.norm(mean)

    return embed


@pytest.mark.parametrize("text", TEXTS)
def test_wordllama_equals_the_mean_of_the_tokens_of_the_whole_text(text, reference):
    embedder = wordllama.connect("", Settings())
    assert embedder.query(text) @ reference(text) > 0.99999
    assert embedder.passages([text])[0].astype(np.float32) @ reference(text) > 0.9999


SOME = st.text(
    st.one_of(st.sampled_from("abc de.-'0123中文的，\n▁é🙂"), st.characters(exclude_categories=["Cs"]))
)


@given(st.lists(SOME, max_size=5))
@settings(deadline=None, max_examples=200)
def test_every_text_is_embedded_alike_alone_and_in_a_batch(reference, texts):
    embedder = wordllama.connect("", Settings())
    batch = embedder.passages(texts)
    for text, row in zip(texts, batch, strict=True):
        alone = embedder.query(text)
        assert (alone.astype(np.float16) == row).all()
        if text.replace("▁", " ").split():
            assert alone @ reference(text) > 0.9999


def test_forgetting_words_changes_no_vector(monkeypatch):
    monkeypatch.setattr(wordllama, "MAX_WORDS", 10)
    embedder = wordllama.connect("", Settings())
    before = embedder.passages(TEXTS * 20)
    assert (embedder.passages(TEXTS * 20) == before).all()


def test_an_endless_word_and_an_endless_text_are_bounded():
    embedder = wordllama.connect("", Settings())
    texts = ["x" * 1_000_000, "word " * 500_000, "中" * 1_000_000, "中x" * 300_000]
    assert np.allclose(np.linalg.norm(embedder.passages(texts).astype(np.float32), axis=1), 1, atol=1e-2)
    assert len(embedder._words) < 100


def test_hashing_finds_the_same_words_nearer():
    embedder = hashing.connect("", Settings())
    query = embedder.query("annual leave days")
    near, far = (
        embedder.passages(["days of annual leave", "travel expenses in Suzhou"]).astype(np.float32) @ query
    )
    assert near > 0.8 > far
