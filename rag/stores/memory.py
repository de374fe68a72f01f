"""The reference store: plain Python, nothing kept on disk. Tests compare every other store with it.

Keywords are BM25 (k1 1.2, b .75, all terms ORed) over the hashed terms of `rag.features`, vectors
are exact cosine, filters are `rag.filters.matches` itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.errors import Damaged
from rag.features import term_id, unpack
from rag.filters import matches
from rag.settings import Settings
from rag.stores import Candidates, Change, Entry, Query, Scored, State

_K1, _B = 1.2, 0.75

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]


def connect(url: str, settings: Settings) -> "MemoryStore":
    """A new, empty store; it lives as long as the object."""
    return MemoryStore()


class MemoryStore:
    """See `rag.stores.Store` for the promises."""

    name = "memory"
    keeps_traces = False

    def __init__(self) -> None:
        self._partitions: dict[str, _Partition] = {}

    async def apply(self, tenant: str, change: Change) -> None:
        before = self._partitions.get(tenant, _Partition())
        removed = set(change.remove)
        entries = {chunk: one for chunk, one in before.entries.items() if chunk not in removed}
        entries |= {entry.chunk: entry for entry in change.add}
        self._partitions[tenant] = _Partition(entries, change.seq)

    async def search(self, tenant: str, query: Query, *, seq: int = 0) -> Candidates:
        partition = self._partitions.get(tenant, _Partition())
        if partition.seq < seq:
            raise Damaged(
                f"the search index holds change {partition.seq}, the catalog shows {seq}",
                hint="kb doctor --fix rebuilds it",
            )
        return partition.search(query)

    async def state(self, tenant: str) -> State:
        partition = self._partitions.get(tenant, _Partition())
        return State(partition.seq, len(partition.entries))

    async def chunks(self, tenant: str) -> set[int]:
        return set(self._partitions.get(tenant, _Partition()).entries)

    async def rebuild(self, tenant: str, entries: Iterable[Entry], seq: int) -> None:
        self._partitions[tenant] = _Partition({entry.chunk: entry for entry in entries}, seq)

    async def drop(self, tenant: str) -> None:
        self._partitions.pop(tenant, None)

    async def check(self, tenant: str) -> list[str]:
        return []  # there is no second copy that could differ

    async def close(self) -> None:
        self._partitions.clear()


@dataclass(slots=True)
class _Partition:
    """One tenant after one change; the index over it is made by its first search."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    seq: int = 0
    _index: "_Index | None" = None

    def search(self, query: Query) -> Candidates:
        if not self.entries:
            return Candidates()
        if self._index is None:
            self._index = _Index([self.entries[chunk] for chunk in sorted(self.entries)])
        return self._index.search(query)


class _Index:
    """Postings and vectors of entries that are sorted by chunk, so that row order breaks ties."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        terms = [unpack(entry.features).searchable() for entry in entries]
        self._lengths = np.array([len(ids) for ids in terms], dtype=np.float64)
        self._postings: dict[int, tuple[Rows, Scores]] = _postings(terms)
        self._vectors = _unit(np.stack([entry.vector for entry in entries]).astype(np.float64))

    def search(self, query: Query) -> Candidates:
        allowed = np.array(
            [query.filter is None or matches(query.filter, entry.facts) for entry in self._entries]
        )
        words = self._bm25({term_id(term) for term in query.terms})
        vectors = np.zeros(len(self._entries))
        if query.vector is not None:
            if len(query.vector) != self._vectors.shape[1]:
                raise Damaged("the search index has vectors of another length", hint="kb doctor --fix")
            vectors = self._vectors @ _unit(query.vector[None, :].astype(np.float64))[0]
        return Candidates(
            self._best(np.where(allowed, words, 0.0), query.limit),
            self._best(np.where(allowed, vectors, 0.0), query.limit),
        )

    def _bm25(self, terms: Iterable[int]) -> Scores:
        """Scores of all rows. Statistics are those of the whole tenant, whatever the filter."""
        total = len(self._entries)
        scores = np.zeros(total)
        norm = _K1 * (1 - _B + _B * self._lengths / max(self._lengths.mean(), 1e-9))
        for term in sorted(terms):  # one order, so that sums are equal from run to run
            if term not in self._postings:
                continue
            rows, counts = self._postings[term]
            rarity = np.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += rarity * counts * (_K1 + 1) / (counts + norm[rows])
        return scores

    def _best(self, scores: Scores, limit: int) -> tuple[Scored, ...]:
        order = np.argsort(-scores, kind="stable")[: max(limit, 0)]
        return tuple(Scored(self._entries[i].chunk, float(scores[i])) for i in order if scores[i] > 0)


def _postings(terms: Sequence[NDArray[np.uint32]]) -> dict[int, tuple[Rows, Scores]]:
    """Term id to the rows that hold it, and how often."""
    found: dict[int, list[tuple[int, int]]] = {}
    for row, ids in enumerate(terms):
        for term, count in zip(*np.unique(ids, return_counts=True), strict=True):
            found.setdefault(int(term), []).append((row, int(count)))
    return {
        term: (np.array([row for row, _ in pairs]), np.array([n for _, n in pairs], dtype=np.float64))
        for term, pairs in found.items()
    }


def _unit(rows: Scores) -> Scores:
    """Rows of length 1; a zero row stays zero, so it is never a candidate."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)
