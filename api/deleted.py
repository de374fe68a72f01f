"""Is anything back of what was deleted? One finding a file."""

from pathlib import Path

from anyio.to_thread import run_sync

from api.health import Finding
from rag.erase.again import Again, Trace, look_again
from rag.errors import KBError
from rag.system import System


async def examine(system: System) -> list[Finding]:
    """Look again for what was deleted, in every file: one finding a file, or that there is nothing."""

    def look() -> Again:
        return look_again(system.catalog, system.settings.tenant, system.settings.home, system.places())

    try:
        found = await run_sync(look)
    except KBError as error:
        return [Finding("deleted", False, str(error), error.hint)]
    faults = [_trace(system, trace) for trace in found.traces]
    faults += [
        Finding("deleted", False, f"{path} cannot be read", "read it as its owner") for path in found.unread
    ]
    return faults or [Finding("deleted", True, _looked(found))]


async def clean(system: System) -> None:
    """Write the index and the catalog anew, without a trace of what is not in them any more.

    Whoever asks meanwhile waits until the index is there again.
    """
    async with system.writing() as writer:
        await system.store.drop(writer.target.tenant)
        await writer.rebuild()
        await run_sync(system.catalog.compact)


def _trace(system: System, trace: Trace) -> Finding:
    """Our own files are written anew; whatever else lies in the home folder somebody has put there."""
    is_ours = trace.path in _catalog(system) or trace.path.is_relative_to(system.settings.home / "index")
    detail = f"{trace.path} holds {trace.pieces} pieces of what receipt {', '.join(trace.receipts)} deleted"
    hint = "kb doctor --deleted --fix writes it anew" if is_ours else "remove this copy or backup"
    return Finding("deleted", False, detail, hint, fixable=is_ours)


def _looked(found: Again) -> str:
    if not found.receipts:
        return "nothing was deleted yet"
    speed = found.bytes / 1e6 / max(found.seconds, 1e-9)
    blind = f"; {found.blind} of the receipts have nothing to look for" if found.blind else ""
    return (
        f"{found.probes} pieces of {found.receipts} deletions, in {found.files} files, "
        f"{found.bytes:,} bytes ({speed:.0f} MB/s): nothing is left{blind}"
    )


def _catalog(system: System) -> set[Path]:
    """The files of the database."""
    database = system.catalog.engine.url.database or ""
    return {Path(database + suffix) for suffix in ("", "-wal", "-shm", "-journal")}
