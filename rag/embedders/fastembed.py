"""Any text model of the fastembed library: `KB_EMBEDDER=fastembed:BAAI/bge-small-zh-v1.5`.

The library fetches a model the first time it is used. Without a network name a folder that holds its
files: `fastembed:BAAI/bge-small-zh-v1.5@/srv/models/bge`.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedders._files import cache
from rag.embedders._library import library
from rag.embedders._rows import without_blank
from rag.errors import ConfigError
from rag.settings import Settings


class FastEmbed:
    """Safe to share between threads. One text a run, so that no text depends on its neighbours."""

    def __init__(self, model: str, folder: str, dimensions: int) -> None:
        # A new version of the library may pool a model's tokens in another way; it has done so.
        self.id = f"fastembed-{'.'.join(version('fastembed').split('.')[:2])}-{model}"
        self.dimensions = dimensions
        self._name = model
        self._folder = folder

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a blank text)."""
        return without_blank(texts, self.dimensions, self._passages).astype(np.float16)

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        vector: NDArray[np.float32] = without_blank([text], self.dimensions, self._queries)[0]
        return vector

    def _passages(self, texts: list[str]) -> NDArray[Any]:
        return np.array(list(self._model.passage_embed(texts, batch_size=1)))

    def _queries(self, texts: list[str]) -> NDArray[Any]:
        return np.array(list(self._model.query_embed(texts)))

    @cached_property
    def _model(self) -> Any:
        text_embedding = library("fastembed", extra="fastembed").TextEmbedding
        place = (
            {"specific_model_path": self._folder} if self._folder else {"cache_dir": str(cache("fastembed"))}
        )
        try:
            return text_embedding(self._name, threads=1, **place)
        except Exception as error:
            raise ConfigError(
                f"fastembed cannot load {self._name}: {(str(error).splitlines() or [''])[0][:200]}",
                hint=f"without a network: KB_EMBEDDER=fastembed:{self._name}@/folder/with/its/files",
            ) from error


def connect(name: str, settings: Settings) -> FastEmbed:
    """The embedder `MODEL` or `MODEL@/folder`. `ConfigError` for a model that the library does not know."""
    model, _, folder = name.partition("@")
    text_embedding = library("fastembed", extra="fastembed").TextEmbedding
    known = [str(about["model"]) for about in text_embedding.list_supported_models()]
    if model not in known:
        said = f"fastembed knows no model {model!r}" if model else "KB_EMBEDDER names no model of fastembed"
        raise ConfigError(said, hint=f"it knows {', '.join(sorted(known)[:40])}")
    return FastEmbed(model, folder, text_embedding.get_embedding_size(model))
