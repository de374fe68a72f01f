"""The ranking with a reranker's opinion: a model that reads question and passage together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from rag.errors import BackendError
from rag.facets import facets
from rag.rerankers import Reranker
from rag.types import Found, Hit, Question

_CANDIDATES = 50  # passages that are read again


@dataclass(frozen=True, slots=True)
class Reranked:
    """Retrieves more than is asked for and keeps the best of both opinions.

    When the reranker fails the first ranking stands, and `Found.details` says why. The verdict is
    that of the retriever: a reranker's numbers mean nothing but an order.
    """

    retrieve: Callable[[Question], Awaitable[Found]]
    reranker: Reranker

    async def __call__(self, question: Question) -> Found:
        """Hits, best first, as many as the question asks for."""
        found = await self.retrieve(replace(question, limit=max(_CANDIDATES, question.limit)))
        asked = next(facet.text for facet in facets(question) if facet.is_whole)
        details = {**found.details, "reranker": self.reranker.name}
        hits: Sequence[Hit] = found.hits
        try:
            hits = merged(hits, await self.reranker.scores(asked, [hit.text for hit in hits]))
        except BackendError as error:
            details["reranker_error"] = str(error)
        return replace(found, hits=tuple(hits[: question.limit]), details=details)


def merged(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """Hits by first score over its maximum plus second score on a scale from 0 to 1."""
    if not hits:
        return []
    top = max(hit.score for hit in hits) or 1.0
    low, high = min(scores), max(scores)
    spread = (high - low) or 1.0
    pairs = zip(hits, scores, strict=True)
    added = [replace(hit, score=round(hit.score / top + (s - low) / spread, 4)) for hit, s in pairs]
    return sorted(added, key=lambda hit: -hit.score)
