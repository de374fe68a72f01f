"""Is everything as it must be? One finding a part, with what to do about a fault."""

import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from anyio.to_thread import run_sync
from sqlalchemy import text

from ingest.wall import confine
from rag import weights
from rag.catalog import chunks, outbox, partitions
from rag.erase import signing
from rag.errors import Damaged, KBError
from rag.system import System
from rag.writer import check_embedder

T = TypeVar("T")
_REBUILD = "kb doctor --fix rebuilds the index from the catalog"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, what was seen, what to do if it is not."""

    part: str
    ok: bool
    detail: str
    hint: str = ""
    fixable: bool = False


async def examine(system: System) -> list[Finding]:
    """Look at every part. A part that cannot be looked at is a fault, not an error."""
    found = [await _safely("home", lambda: run_sync(_home, system))]
    found.append(await _safely("receipts", lambda: run_sync(_receipts_key, system)))
    found.append(await _safely("parser", lambda: run_sync(_parser)))
    found.append(await _safely("tuning", lambda: run_sync(_tuning, system)))
    found.append(await _safely("catalog", lambda: run_sync(_catalog, system)))
    if found[-1].ok:
        found.append(await _safely("embedder", lambda: run_sync(_embedder, system)))
        found.append(await _safely("index", lambda: _index(system)))
        found.append(await _safely("entries", lambda: _entries(system)))
    found.append(await _safely("model", lambda: run_sync(_model, system)))
    found.append(await _safely("reranker", lambda: run_sync(_reranker, system)))
    return found


async def ready(system: System) -> None:
    """Returns when catalog and store answer; raises what they raise when they do not."""
    tenant = system.settings.tenant

    def read() -> int:
        with system.catalog.read() as connection:
            return partitions.seq(connection, tenant)

    await run_sync(read)
    await system.store.state(tenant)


async def repair(system: System) -> None:
    """Rebuild the index from the catalog; nothing is parsed or embedded again."""
    async with system.writing() as writer:
        await writer.rebuild()


def _receipts_key(system: System) -> Finding:
    """Who can read the key can test guesses at what was deleted."""
    path = signing.place(system.settings.home)
    ours = signing.load(system.settings.home)
    if ours is None:
        return Finding("receipts", True, "no key yet; the first deletion makes it")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("receipts", False, f"{path} is open to others", f"chmod 600 {path}")
    return Finding("receipts", True, f"signed by installation {signing.fingerprint(ours.public)}")


async def _safely(part: str, look: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await look()
    except Damaged as error:
        return Finding(part, False, str(error), error.hint or _REBUILD, fixable=part in ("index", "entries"))
    except KBError as error:
        return Finding(part, False, str(error), error.hint)


def _parser() -> Finding:
    """What holds a parser that a file got hold of. A system that lacks a wall is no fault of its user."""
    found = confine.layers()
    missing = [layer for layer in confine.LAYERS if layer not in found]
    detail = f"walls around it: {', '.join(found) or 'none but the clock'}"
    lacks = f"; this system lacks: {', '.join(missing)}" if missing else ""
    return Finding("parser", True, detail + lacks)


def _home(system: System) -> Finding:
    home = system.settings.home
    if not home.exists():
        return Finding("home", True, f"{home} does not exist yet; the first ingest makes it")
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return Finding("home", False, f"{home} is open to others ({mode:o})", f"chmod 700 {home}")
    return Finding("home", True, str(home))


def _tuning(system: System) -> Finding:
    """A broken file is a `ConfigError`, so a fault."""
    if system.tuning == weights.UNTUNED:
        return Finding("tuning", True, "none; the defaults hold")
    return Finding("tuning", True, f"{system.settings.home / weights.FILE} is in force")


def _catalog(system: System) -> Finding:
    with system.catalog.read() as connection:
        said = connection.execute(text("PRAGMA quick_check(5)")).scalars().all()
        names = partitions.collection_names(connection, system.settings.tenant)
    if list(said) != ["ok"]:
        return Finding("catalog", False, f"damaged: {'; '.join(said)}", "restore a backup of the home folder")
    return Finding("catalog", True, f"sound; collections: {', '.join(names) or 'none'}")


def _embedder(system: System) -> Finding:
    ours = system.embedder.id
    with system.catalog.read() as connection:
        part = partitions.get(connection, system.settings.tenant)
    if part is not None:
        check_embedder(part, ours)
    return Finding("embedder", True, ours)


async def _index(system: System) -> Finding:
    """Does the store hold the change that the catalog shows, and are its files sound?"""
    tenant = system.settings.tenant
    part = await run_sync(_partition, system)
    if part is None:
        return Finding("index", True, "nothing was ingested yet")
    if part.store != system.settings.store:
        detail = f"the catalog belongs to the store {part.store}, the setting says {system.settings.store}"
        return Finding("index", False, detail, _REBUILD, fixable=True)
    faults = await system.store.check(tenant)
    if faults:
        return Finding("index", False, "; ".join(faults), _REBUILD, fixable=True)
    state = await system.store.state(tenant)
    if state.seq != part.seq:
        detail = f"the store holds change {state.seq}, the catalog shows {part.seq}"
        return Finding("index", False, detail, _REBUILD, fixable=True)
    return Finding("index", True, f"{system.store.name}, {state.count} entries, change {state.seq}")


async def _entries(system: System) -> Finding:
    """Is every current chunk in the store, and nothing else?"""
    wanted, interrupted = await run_sync(_current_chunks, system)
    held = await system.store.chunks(system.settings.tenant)
    missing, extra = len(wanted - held), len(held - wanted)
    if missing:
        detail = f"{missing} of {len(wanted)} passages are missing in the store"
        return Finding("entries", False, detail, _REBUILD, fixable=True)
    if extra and not interrupted:
        detail = f"{extra} entries in the store belong to no current passage"
        return Finding("entries", False, detail, _REBUILD, fixable=True)
    left = f"; {extra} more are left of an interrupted run, the next one removes them" if extra else ""
    return Finding("entries", True, f"all {len(wanted)} passages are in the store{left}")


def _partition(system: System) -> partitions.Partition | None:
    with system.catalog.read() as connection:
        return partitions.get(connection, system.settings.tenant)


def _current_chunks(system: System) -> tuple[set[int], bool]:
    """Ids of all passages that may be found, and whether an interrupted run left work."""
    tenant = system.settings.tenant
    with system.catalog.read() as connection:
        return chunks.current_ids(connection, tenant), bool(outbox.pending(connection, tenant))


def _model(system: System) -> Finding:
    if not system.settings.model:
        return Finding("model", True, "none is set; answers are extracted from the documents")
    model = system.model
    name = model.name if model is not None else system.settings.model
    return Finding("model", True, f"{name} (not called: a call may cost money)")


def _reranker(system: System) -> Finding:
    if system.reranker is None:
        return Finding("reranker", True, "none is set")
    return Finding("reranker", True, f"{system.reranker.name} (not called: a call may cost money)")
