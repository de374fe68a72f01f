"""Changing the embedder: vectors beside the old ones first, then one switch.

While passages are embedded anew the old index answers. One transaction then names the new embedder
and a change that the store does not hold, which is what the next writer rebuilds a store for
(`Writer.open`). So a crash leaves the old index, or the new one yet to be filled, and never a mix.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from anyio.to_thread import run_sync
from numpy.typing import NDArray

from ingest.clean import searchable
from ingest.split import digest, to_embed
from ingest.wall.pool import BATCH, Pool
from rag.catalog import partitions, vectors, versions
from rag.catalog.vectors import Unembedded
from rag.embedders import Remote
from rag.errors import Damaged
from rag.system import System
from rag.types import Section, Span
from rag.writer import alone

Embed = Callable[[Sequence[str]], NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in passages."""

    done: int
    total: int
    seconds: float

    @property
    def left(self) -> float:
        """Seconds left at the rate so far."""
        return (self.total - self.done) * self.seconds / self.done if self.done else 0.0


@dataclass(slots=True)
class Report:
    """What a run did. Texts that several passages share are embedded, and counted, once.

    `former` is the embedder before, empty when nothing was ever ingested. `differing` counts texts
    that this version of kb would embed in other words than the one that read them.
    """

    embedder: str
    former: str = ""
    passages: int = 0
    embedded: int = 0
    differing: int = 0
    dropped: int = 0
    seconds: float = 0.0
    switched: bool = False


async def reindex(
    system: System,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Change the tenant's index over to the embedder of the settings; nothing is parsed.

    Interrupted at any moment it is run again, and embeds only what it had not stored. `tell` hears
    of waiting for another writer.
    """
    started = time.monotonic()
    report = Report(system.embedder.id)
    async with alone(system.catalog, system.settings.tenant, tell=tell):
        if not await run_sync(_look, system, report):
            return report
        await _embed(system, report, progress)
        if report.embedded or report.former != report.embedder:
            await _switch(system)
            report.switched = True
    async with system.writing(tell=tell):  # it finds a store that does not match, and rebuilds it
        report.dropped = await run_sync(_drop_others, system)
    system.library.forget(system.settings.tenant)  # it may remember vectors of the former embedder
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _look(system: System, report: Report) -> bool:
    """Note what there is; False when there is nothing."""
    tenant = system.settings.tenant
    with system.catalog.read() as connection:
        part = partitions.get(connection, tenant)
        report.passages = vectors.count(connection, tenant)
    report.former = part.embedder if part else ""
    return part is not None


async def _embed(system: System, report: Report, progress: Callable[[Progress], None]) -> None:
    """Store the vectors that are missing, batch by batch; nobody reads them yet."""
    ids = await run_sync(_missing, system)
    if not ids:
        return
    await run_sync(system.embedder.query, "warm 热身")  # what cannot be read or reached is told once
    size, started = BATCH * system.settings.workers, time.monotonic()
    with _embedding(system) as embed:
        for start in range(0, len(ids), size):
            batch = ids[start : start + size]
            report.differing += await run_sync(_add, system, embed, batch)
            report.embedded += len(batch)
            progress(Progress(report.embedded, len(ids), time.monotonic() - started))


@contextmanager
def _embedding(system: System) -> Iterator[Embed]:
    """The key of a service stays in this process; a model runs on all cores."""
    if isinstance(system.embedder, Remote):
        yield system.embedder.passages
        return
    with Pool(system.settings) as pool:
        yield pool.embed


def _missing(system: System) -> list[int]:
    with system.catalog.read() as connection:
        return vectors.missing(connection, system.settings.tenant, system.embedder.id)


def _add(system: System, embed: Embed, ids: Sequence[int]) -> int:
    """Embed and store one batch; returns how many texts are not those that were embedded once."""
    tenant = system.settings.tenant
    with system.catalog.read() as connection:
        found = vectors.read(connection, tenant, ids)
    texts = [embedded_text(one) for one in found]
    keys = [one.text_hash for one in found]
    new = dict(zip(keys, embed(texts), strict=True))
    with system.catalog.write() as connection:
        versions.add_vectors(connection, tenant, system.embedder.id, new)
    return sum(digest(text) != key for text, key in zip(texts, keys, strict=True))


def embedded_text(passage: Unembedded) -> str:
    """What an ingest embedded of a passage: title, headings and body."""
    section = Section(Span(0, len(passage.text)), passage.heading)
    return to_embed(passage.title, section, searchable(passage.text))


async def _switch(system: System) -> None:
    """The one visible step."""
    tenant = system.settings.tenant
    held = await _held(system)

    def switch() -> None:
        with system.catalog.write() as connection:
            above = max(held, partitions.seq(connection, tenant)) + 1
            partitions.switch(connection, tenant, seq=above, embedder=system.embedder.id)

    await run_sync(switch)


async def _held(system: System) -> int:
    """The change that the store holds; one that a crash left there may be ahead of the catalog."""
    try:
        return (await system.store.state(system.settings.tenant)).seq
    except Damaged:
        return 0


def _drop_others(system: System) -> int:
    with system.catalog.write() as connection:
        return vectors.drop_others(connection, system.settings.tenant, system.embedder.id)
