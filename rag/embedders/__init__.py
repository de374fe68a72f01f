"""Embedders: text to unit vectors, one file each.

To add one, write `rag/embedders/NAME.py` with `def connect(name: str, settings: Settings) -> Embedder`.
Synchronous: a batch runs in a worker process, a query in the thread limiter.
"""

from collections.abc import Callable, Sequence
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


Weigh = Callable[[Sequence[str]], NDArray[np.float32]]


@runtime_checkable
class WordEmbedder(Protocol):
    """An embedder whose vectors are sums over words.

    It embeds a text in microseconds, so ranking may ask it for headings and sentences, and it can
    let rare words count more.
    """

    def weighted(self, texts: Sequence[str], weigh: Weigh) -> NDArray[np.float32]:
        """One unit row a text; `weigh` is given words as they stand and single ideographs."""
        ...


@runtime_checkable
class Remote(Protocol):
    """An embedder behind a network: it has a key and it waits, so no worker process or event loop runs it."""

    remote: Literal[True]
