"""Embedders: text to unit vectors, one file each.

To add one, write `rag/embedders/NAME.py` with `def connect(name: str, settings: Settings) -> Embedder`.
Synchronous: a batch runs in a worker process, a query in the thread limiter.
"""

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """`id` names model, version and pooling: vectors of different ids never meet in one index."""

    id: str
    dimensions: int

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a text without known tokens)."""
        ...

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        ...


@runtime_checkable
class WordEmbedder(Protocol):
    """An embedder whose vectors are sums over words.

    It embeds a sentence in microseconds, so ranking may look at headings and sentences, and let rare
    words count more.
    """

    def words(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[list[str]]]:
        """A row for every word of every text, one after another, and the words of each text.

        Words are as they stand in the text, ideographs single. The sum of a text's rows, at unit
        length, is its vector.
        """
        ...


@runtime_checkable
class Remote(Protocol):
    """An embedder behind a network: it has a key and it waits, so no worker process or event loop runs it."""

    remote: Literal[True]
