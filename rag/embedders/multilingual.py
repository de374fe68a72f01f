"""multilingual-e5-small by onnxruntime: English, Chinese and some ninety more, 384 numbers. MIT.

470 MB, or 118 MB in int8. `KB_EMBEDDER=multilingual`, or `multilingual:/folder/with/the/files`.
Questions and passages were trained with words before them that say which they are.
"""

from rag.embedders._sentence import Recipe, SentenceEmbedder, open_embedder
from rag.settings import Settings

RECIPE = Recipe(
    "multilingual",
    "intfloat/multilingual-e5-small",
    most_tokens=512,
    query="query: ",
    passage="passage: ",
)


def connect(name: str, settings: Settings) -> SentenceEmbedder:
    """The embedder; `name` is a folder or a graph, or empty for the cache folder."""
    return open_embedder(RECIPE, name)
