"""The catalog as a search reads it, with what cannot change kept in memory.

A stored chunk and a stored text never change, so they are remembered by id. Which versions are
current, and who may read them, is remembered only as long as the tenant's change number stands.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag import validity
from rag.bounded import Bounded
from rag.catalog import Catalog, chunks, documents, partitions, sketch, versions
from rag.catalog.chunks import Home, Passage
from rag.catalog.sketch import Sketch
from rag.errors import NotFound
from rag.types import Version

_PASSAGES = 20_000  # about 40 MB
_TEXT_CHARACTERS = 16_000_000
_LAYOUT_BYTES = 8_000_000


@dataclass(slots=True)
class View:
    """One tenant at one change. `homes` maps a version to its document, None when not current.

    `bounds` are (id, valid from, valid until) of the documents that do not count for ever.
    """

    tenant: str
    seq: int
    embedder: str
    store: str
    rights: int
    sketch: Sketch
    collections: frozenset[str] = frozenset()
    homes: dict[str, Home | None] = field(default_factory=dict)
    bounds: Sequence[tuple[str, float | None, float | None]] = ()

    def lapsed(self, now: float) -> tuple[str, ...]:
        """Ids of the documents that do not count at this moment."""
        return tuple(one for one, first, end in self.bounds if validity.state(first, end, now) != "valid")


class Library:
    """Thread-safe; synchronous."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._views: dict[str, View] = {}
        self._passages: Bounded[tuple[str, int], Passage] = Bounded(_PASSAGES, lambda _: 1)
        self._texts: Bounded[tuple[str, str], str] = Bounded(_TEXT_CHARACTERS, len)
        self._layouts: Bounded[tuple[str, str], bytes] = Bounded(_LAYOUT_BYTES, lambda data: len(data) + 64)

    def view(self, tenant: str, *, fresh: bool = True) -> View:
        """The tenant as it is now; an unknown tenant is an empty one.

        Not `fresh`: as it was when last looked at, for callers whose next step notices a change.
        """
        if not fresh and tenant in self._views:
            return self._views[tenant]
        with self._catalog.read() as connection:
            part = partitions.get(connection, tenant)
            if part is None:
                return View(tenant, 0, "", "", 0, sketch.empty())
            held = self._views.get(tenant)
            if held and (held.seq, held.store, held.rights) == (part.seq, part.store, part.rights):
                return held
            packed = partitions.sketch(connection, tenant)
            names = frozenset(partitions.collection_names(connection, tenant))
            bounds = documents.bounds(connection, tenant)
        known = sketch.unpack(packed)
        found = View(tenant, part.seq, part.embedder, part.store, part.rights, known, names, bounds=bounds)
        self._views[tenant] = found
        return found

    def passages(self, view: View, ids: Sequence[int], *, strict: bool) -> list[tuple[Passage, Home]] | None:
        """Those chunks whose versions are current, in the order of `ids`.

        All are read at one moment. If another change has become visible since the view was taken,
        the answer is None when `strict`, and what is current now otherwise.
        """
        tenant = view.tenant
        with self._lock:
            held = {i: p for i in ids if (p := self._passages.get((tenant, i)))}
        missing = [i for i in ids if i not in held]
        with self._catalog.read() as connection:
            part = partitions.get(connection, tenant)
            moved = part is not None and (part.seq, part.rights) != (view.seq, view.rights)
            if moved and strict:
                return None
            found = chunks.passages(connection, tenant, view.embedder, missing) if missing else []
            held |= {p.id: p for p in found}
            known = {} if moved else view.homes
            wanted = {p.version for p in held.values()} - known.keys()
            homes = chunks.homes(connection, tenant, sorted(wanted)) if wanted else {}
        fresh = {version: homes.get(version) for version in wanted}
        if not moved:
            view.homes.update(fresh)
        with self._lock:
            for passage in found:
                self._passages.put((tenant, passage.id), passage)
        every = {**known, **fresh}
        return [(held[i], home) for i in ids if i in held and (home := every.get(held[i].version))]

    def remembered(self, tenant: str) -> float:
        """How many passages the tenant had when last looked at; never waits. Infinity if it was not."""
        view = self._views.get(tenant)
        return view.sketch.chunks if view else math.inf

    def held(self, tenant: str, version: str) -> str | None:
        """A text that is remembered; never waits."""
        return self._texts.get((tenant, version))

    def texts(self, tenant: str, ids: Sequence[str]) -> dict[str, str]:
        """Stored texts by version; those that are gone are left out."""
        with self._lock:
            held = {i: text for i in ids if (text := self._texts.get((tenant, i))) is not None}
        missing = [i for i in dict.fromkeys(ids) if i not in held]
        if missing:
            with self._catalog.read() as connection:
                found = versions.texts(connection, tenant, missing)
            with self._lock:
                for version, text in found.items():
                    self._texts.put((tenant, version), text)
            held |= found
        return held

    def layout(self, tenant: str, version: str) -> bytes:
        """Packed boxes of a stored text (`rag/layout.py`); empty where it has none."""
        with self._lock:
            held = self._layouts.get((tenant, version))
        if held is None:
            with self._catalog.read() as connection:
                held = versions.layout(connection, tenant, version)
            with self._lock:
                self._layouts.put((tenant, version), held)
        return held

    def version(self, tenant: str, version: str) -> Version:
        """A stored version with all that is known of it; `NotFound` when there is none."""
        with self._catalog.read() as connection:
            found = versions.get(connection, tenant, version)
        if found is None:
            raise NotFound(f"no stored version {version}", hint="kb documents lists what there is")
        return found

    def warm(self, tenant: str) -> None:
        """Read passages ahead, as many as are remembered: the first questions need not be slow."""
        view = self.view(tenant)
        with self._catalog.read() as connection:
            ids = sorted(chunks.current_ids(connection, tenant))[:_PASSAGES]
        for start in range(0, len(ids), 500):
            self.passages(view, ids[start : start + 500], strict=False)

    def forget(self, tenant: str) -> None:
        """Let go of all that is remembered, after an erasure."""
        with self._lock:
            self._views.pop(tenant, None)
            self._passages.drop(lambda key: key[0] == tenant)
            self._texts.drop(lambda key: key[0] == tenant)
            self._layouts.drop(lambda key: key[0] == tenant)
