"""A cross-encoder by onnxruntime: `KB_RERANKER=onnx:/folder/with/the/files` (Nogueira and Cho 2019).

Question and passage go through the model together, so it costs a run for each passage. bge-reranker-base
(MIT) reads English and Chinese, ms-marco-MiniLM-L6-v2 (Apache-2.0) English.
"""

import os
from collections.abc import Sequence

import numpy as np
from anyio.to_thread import run_sync

from rag.embedders._files import find
from rag.embedders._onnx import Encoder
from rag.errors import BackendError, ConfigError
from rag.settings import Settings

MOST_TOKENS = 512
THREADS = min(4, os.cpu_count() or 1)


class CrossEncoder:
    """Safe to share. Between two passages it can be cancelled."""

    def __init__(self, name: str, encoder: Encoder) -> None:
        self.name = name
        self._encoder = encoder

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """The probability, 0 to 1, that each text answers the question."""
        return [await run_sync(self._score, question, text) for text in texts]

    async def close(self) -> None:
        """There is nothing to close."""

    def _score(self, question: str, text: str) -> float:
        labels = self._encoder.width
        if labels > 2:
            raise ConfigError(
                f"a model with {labels} labels is no reranker",
                hint="KB_RERANKER=onnx:/folder needs one or two",
            )
        score = probability(self._encoder.run(self._encoder.tokens(question, text)).tolist())
        if not np.isfinite(score):
            raise BackendError("the reranker's model gives no number", hint="see KB_RERANKER")
        return score


def probability(logits: Sequence[float]) -> float:
    """The logistic function of one logit, or of the second's lead over the first: the softmax of two."""
    lead = logits[-1] - (logits[0] if len(logits) == 2 else 0.0)
    return float(0.5 * (1.0 + np.tanh(lead / 2)))  # no overflow, unlike 1 / (1 + exp(-x))


def connect(name: str, settings: Settings) -> CrossEncoder:
    """The reranker whose files are in the folder `name`. `ConfigError` when they are not there."""
    if not name:
        raise ConfigError("KB_RERANKER=onnx names no folder", hint="such as KB_RERANKER=onnx:/srv/models/bge")
    files = find(name, name="onnx")
    encoder = Encoder(files, most_tokens=MOST_TOKENS, threads=THREADS)
    return CrossEncoder(f"onnx:{files.fingerprint()}", encoder)
