"""Embedders: text to unit vectors, one file each.

To add one, write `rag/embedders/NAME.py` with `def connect(name: str, settings: Settings) -> Embedder`.
Synchronous: a batch runs in a worker process, a query in the thread limiter.
"""

from collections.abc import Sequence
from typing import Protocol

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
