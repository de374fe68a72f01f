import math

import numpy as np
import pytest

from rag.errors import BackendError, ConfigError
from rag.rerankers import onnx
from rag.settings import Settings
from tests.data import tiny_bert

QUESTION = "how many days is annual leave 年假多少天"
QUESTION_WORDS = "[UNK] [UNK] days is annual leave 年 假 多 少 天"
TEXTS = ["annual leave is twenty days", "the travel expenses", "年假每年十天", ""]
WORDS = [*TEXTS[:2], "年 假 每 年 十 天", ""]

pytestmark = pytest.mark.anyio


async def test_a_score_is_the_logistic_of_what_numpy_computes_for_the_pair(tmp_path):
    weights = tiny_bert.weights(labels=1)
    reranker = onnx.connect(str(tiny_bert.write(tmp_path, weights)), Settings())
    found = await reranker.scores(QUESTION, TEXTS)
    logits = [float(tiny_bert.logits(weights, QUESTION_WORDS, words)[0]) for words in WORDS]
    assert np.allclose(found, [1 / (1 + math.exp(-x)) for x in logits], atol=1e-5)
    assert len(set(found)) == len(TEXTS)


async def test_of_two_labels_the_second_is_yes(tmp_path):
    weights = tiny_bert.weights(labels=2)
    reranker = onnx.connect(str(tiny_bert.write(tmp_path, weights)), Settings())
    no, yes = np.exp(tiny_bert.logits(weights, QUESTION_WORDS, WORDS[2]))
    assert await reranker.scores(QUESTION, TEXTS[2:3]) == pytest.approx([yes / (no + yes)], abs=1e-5)


async def test_three_labels_are_refused(tmp_path):
    folder = tiny_bert.write(tmp_path, tiny_bert.weights(labels=3))
    with pytest.raises(ConfigError, match="3 labels"):
        await onnx.connect(str(folder), Settings()).scores(QUESTION, TEXTS)


async def test_a_model_that_gives_no_number_is_refused(tmp_path):
    weights = tiny_bert.weights(labels=1)
    weights["head.b"][:] = np.nan
    with pytest.raises(BackendError, match="no number"):
        await onnx.connect(str(tiny_bert.write(tmp_path, weights)), Settings()).scores(QUESTION, TEXTS)


async def test_of_a_pair_that_is_too_long_the_longer_one_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx, "MOST_TOKENS", 16)
    weights = tiny_bert.weights(labels=1)
    reranker = onnx.connect(str(tiny_bert.write(tmp_path, weights)), Settings())
    found = await reranker.scores("annual leave", ["days " * 4_000])
    logit = float(tiny_bert.logits(weights, "annual leave", "days " * 11)[0])
    assert found == pytest.approx([1 / (1 + math.exp(-logit))], abs=1e-5)


@pytest.mark.parametrize(("logits", "expected"), [([0.0], 0.5), ([1e6], 1), ([-1e6], 0), ([3.0, 3.0], 0.5)])
def test_no_logit_is_too_large(logits, expected):
    assert onnx.probability(logits) == pytest.approx(expected)


def test_a_folder_must_be_named(tmp_path):
    with pytest.raises(ConfigError, match="names no folder"):
        onnx.connect("", Settings())
    with pytest.raises(ConfigError, match=str(tmp_path)):
        onnx.connect(str(tmp_path), Settings())
