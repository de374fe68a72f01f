"""Search stores: rebuildable indexes over the catalog, one file each.

To add one, write `rag/stores/NAME.py` with `def connect(url: str, settings: Settings) -> Store`
(or register a module under the entry-point group `kb.stores`); the contract suite runs over it by
name. A store never decides what is visible: the catalog does. It must hold at least everything
that is current, so stale entries are harmless and a missing one is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.filters import Facts, Filter

Vector = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk as a store holds it.

    `chunk` is the catalog's id, unique in the tenant and never reused; `key` names the same
    chunk by version and ordinal, equal on every machine. `vector` has unit length.
    `features` holds the hashed terms of body, heading, title and path (`rag.features`).
    """

    chunk: int
    key: str
    version: str
    facts: Facts
    source: str
    title: str
    heading: str
    text: str
    features: bytes
    vector: Vector


@dataclass(frozen=True, slots=True)
class Change:
    """One durable step: entries to upsert by `chunk`, chunk ids to remove, and its number.

    A chunk that is both removed and added is there afterwards.
    """

    seq: int
    add: Sequence[Entry] = ()
    remove: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """`terms` for the keyword list (OR, BM25), `vector` (unit length) for the other; either may be empty."""

    terms: tuple[str, ...] = ()
    vector: NDArray[np.float32] | None = None
    filter: Filter | None = None
    limit: int = 150


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate; scores are comparable within one list only."""

    chunk: int
    score: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """Both lists, best first, each at most `Query.limit` long and without repeats."""

    words: tuple[Scored, ...] = ()
    vectors: tuple[Scored, ...] = ()
    # The change that was searched, where the store can say it without asking again; no part of the answer.
    seq: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """`seq` of the last change that is durable, and how many entries there are."""

    seq: int
    count: int


@runtime_checkable
class Immediate(Protocol):
    """A store within this process: what it searches, it searches without waiting."""

    def search_now(self, tenant: str, query: Query, seq: int) -> Candidates:
        """`Store.search`, in the calling thread."""
        ...


class Store(Protocol):
    """Every call names the tenant first; tenants are physical partitions.

    Errors: `Unreachable`, `TimedOut`, `Throttled` for a service, `Damaged` for files.
    """

    name: str
    keeps_traces: bool  # True when removed entries leave something behind until a rebuild

    async def apply(self, tenant: str, change: Change) -> None:
        """Durable and searchable when it returns; atomic or safely repeatable when it does not.

        Repeating a change, wholly or after a crash in its middle, ends in the same state.
        """
        ...

    async def search(self, tenant: str, query: Query, *, seq: int = 0) -> Candidates:
        """Both lists. The answer reflects at least change `seq`; `Damaged` if that is not held.

        `Damaged` too if the vector is not as long as those of the entries. An unknown tenant is empty
        (unless `seq` > 0, which is `Damaged`).
        """
        ...

    async def state(self, tenant: str) -> State:
        """`State(0, 0)` for an unknown tenant."""
        ...

    async def chunks(self, tenant: str) -> set[int]:
        """The ids of all entries."""
        ...

    async def rebuild(self, tenant: str, entries: Iterable[Entry], seq: int) -> None:
        """Replace everything by `entries`; readers see the old index until it is done, where possible.

        Nothing of former entries (text, vector, terms) is left in the store afterwards.
        """
        ...

    async def drop(self, tenant: str) -> None:
        """Remove the tenant's partition; quiet when there is none."""
        ...

    async def check(self, tenant: str) -> list[str]:
        """Faults found by a thorough look (checksums, counts), one sentence each; empty is healthy."""
        ...

    async def close(self) -> None: ...
