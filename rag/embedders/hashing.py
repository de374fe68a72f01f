"""Terms hashed into 256 signed places: no model, equal for every script, and weak on other wordings."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.settings import Settings
from rag.words import terms

DIMENSIONS = 256
MAX_CHARACTERS = 8_000


class Hashing:
    """Square roots of term counts, each at the place and with the sign that its hash says."""

    id = "hashing-256-1"
    dimensions = DIMENSIONS

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a text without words)."""
        rows = [self.query(text) for text in texts]
        return np.array(rows, dtype=np.float16).reshape(len(texts), DIMENSIONS)

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        hashes = [zlib.crc32(term.encode()) for term in terms(text[:MAX_CHARACTERS])]
        distinct, counts = np.unique(np.array(hashes, dtype=np.uint32), return_counts=True)
        signs = np.where(distinct >> 31, -1.0, 1.0)
        vector = np.zeros(DIMENSIONS, np.float32)
        np.add.at(vector, distinct % DIMENSIONS, signs * np.sqrt(counts))
        length = np.linalg.norm(vector)
        return vector / length if length else vector


def connect(name: str, settings: Settings) -> Hashing:
    """The embedder; it needs nothing."""
    return Hashing()
