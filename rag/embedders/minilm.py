"""all-MiniLM-L6-v2 by onnxruntime: English, 384 numbers, 90 MB or 23 MB in int8. Apache-2.0.

`KB_EMBEDDER=minilm`, or `minilm:/folder/with/the/files`, or `minilm:/the/graph.onnx`.
"""

from rag.embedders._sentence import Recipe, SentenceEmbedder, open_embedder
from rag.settings import Settings

RECIPE = Recipe("minilm", "sentence-transformers/all-MiniLM-L6-v2", most_tokens=256)


def connect(name: str, settings: Settings) -> SentenceEmbedder:
    """The embedder; `name` is a folder or a graph, or empty for the cache folder."""
    return open_embedder(RECIPE, name)
