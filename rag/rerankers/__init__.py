"""Rerankers: how well a passage answers a question, read together. One file each.

To add one, write `rag/rerankers/NAME.py` with `def connect(name: str, settings: Settings) -> Reranker`
(`name` is what follows the colon of `KB_RERANKER=cohere:rerank-v3.5`).
"""

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Sees only passages that the asker may read, and says nothing but numbers of them."""

    name: str

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One finite score a text, in the order of the texts; higher is better.

        Only the order within one call means anything. Never tried again: a `BackendError` (`Throttled`,
        `TimedOut`, `Unreachable`) means that the ranking there was is kept.
        """
        ...

    async def close(self) -> None:
        """Close connections; it may be used again after."""
        ...
