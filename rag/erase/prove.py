"""Carrying a deletion out and proving it: every place is looked through, and the receipt is signed."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from anyio.to_thread import run_sync

from rag.catalog import Catalog, erasures
from rag.catalog.erasures import Erased
from rag.erase import through
from rag.erase.decision import KEPT, Erasure
from rag.erase.issue import issue
from rag.erase.made import Made
from rag.erase.probes import Rows, pack
from rag.erase.readback import strays
from rag.erase.receipt import Looked, Receipt
from rag.erase.signing import load_or_make
from rag.erase.windows import spread
from rag.stores import Store
from rag.writer import Writer, unbroken


async def finish(
    catalog: Catalog,
    store: Store,
    writer: Writer,
    erasure: Erasure,
    places: Sequence[Path],
    home: Path,
    let_go: Callable[[], int] = lambda: 0,
) -> Receipt:
    """Remove what was decided and prove it. Use within the tenant's lock, with the writer open.

    `places` are the files and folders in which anything is stored on this machine; every file of them
    is searched. `let_go` empties what this process remembers of texts and says of how many caches.
    """
    tenant = writer.target.tenant
    installation = await run_sync(load_or_make, home)
    own = await run_sync(_remove, erasure.note.get("files", ()), home)
    while await writer.step():
        pass
    if store.keeps_traces:
        await writer.rebuild()
    await run_sync(catalog.compact)
    caches = Looked("memory", {"caches": let_go(), "left": 0})
    index = await strays(catalog, store, tenant, erasure.made)

    def conclude() -> tuple[Receipt, Erased]:
        secret, made = installation.secret, erasure.made
        rows = erasure.rows(secret)
        found = through.traces(catalog, rows, secret, made, places, home)
        looked = [*through.tables(catalog, tenant, made), own, caches, index, found.looked]
        receipt, now = issue(tenant, erasure, installation, looked)
        return receipt, Erased(receipt.id, now, receipt.text, pack(_kept(rows, made, found.shared)))

    receipt, done = await run_sync(conclude)
    await unbroken(run_sync(_record, catalog, tenant, erasure, done))
    return receipt


def _remove(files: Sequence[str], home: Path) -> Looked:
    """Remove what `kb` itself has written of the documents; their authors' files are only named."""
    home = home.resolve()
    for path in map(Path, files):
        if path.is_relative_to(home / "spool"):
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_relative_to(home / "faq"):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    left = tuple(str(path.relative_to(home)) for path in map(Path, files) if path.exists())
    return Looked("own files", {"files": len(files), "left": len(left)}, left)


def _kept(rows: Rows, made: Made, shared: frozenset[int]) -> Rows:
    """A few probes of each document for looking again; what stands elsewhere as well would say nothing."""
    own = np.setdiff1d(np.arange(len(rows)), np.array(sorted(shared), np.int64))
    return rows[own[spread(made.windows.take(own), KEPT)]] if len(made.windows) else rows[own]


def _record(catalog: Catalog, tenant: str, erasure: Erasure, done: Erased) -> None:
    with catalog.write() as connection:
        erasures.finish(connection, tenant, erasure.begun, done)
