"""Sentence embedders over an encoder: the mean of the token rows, at unit length.

Reimers and Gurevych 2019, "Sentence-BERT"; prefixes as in Wang et al. 2024, "Multilingual E5".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.embedders._files import Files, find
from rag.embedders._onnx import Encoder
from rag.embedders._rows import Rows, unit


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model was trained to be fed. `name` is its name in settings and in ids."""

    name: str
    repository: str
    most_tokens: int
    query: str = ""
    passage: str = ""


class SentenceEmbedder:
    """An `Embedder` by a recipe. Safe to share between threads; the files are read at the first text."""

    def __init__(self, recipe: Recipe, files: Files) -> None:
        self.id = f"{recipe.name}-mean-1-{files.fingerprint()}"
        self._recipe = recipe
        self._encoder = Encoder(files, most_tokens=recipe.most_tokens)

    @cached_property
    def dimensions(self) -> int:
        return self._encoder.width

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a text without known tokens)."""
        return self._embed(texts, self._recipe.passage).astype(np.float16)

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        vector: NDArray[np.float32] = self._embed([text], self._recipe.query)[0]
        return vector

    def _embed(self, texts: Sequence[str], prefix: str) -> Rows:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            tokens = self._encoder.tokens(text)
            if text.strip() and self._encoder.is_known(tokens):  # the prefix alone says nothing
                tokens = self._encoder.tokens(prefix + text) if prefix else tokens
                row[:] = self._encoder.run(tokens).mean(axis=0)
        return unit(rows)


def open_embedder(recipe: Recipe, place: str) -> SentenceEmbedder:
    """The recipe over the files in `place`, or in its cache folder. `ConfigError` when they are not there."""
    return SentenceEmbedder(recipe, find(place, name=recipe.name, repository=recipe.repository))
