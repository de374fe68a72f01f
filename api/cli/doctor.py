"""`kb doctor`: look at every part, and mend what can be mended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import layout, terminal
from api.cli.options import Home, Json, Model, Store
from rag.errors import BackendError

if TYPE_CHECKING:
    from api.health import Finding
    from rag.system import System

Fix = Annotated[bool, typer.Option("--fix", help="Rebuild the index from the catalog.")]
Deleted = Annotated[
    bool, typer.Option("--deleted", help="Look again for what was deleted, in every file of the home folder.")
]


def doctor(
    fix: Fix = False,
    deleted: Deleted = False,
    model: Model = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Check every part. Exit code 6 when faults are left."""
    from api.cli import opened

    found = opened.run(lambda system: _examine(system, fix, deleted), model=model, store=store, home=home)
    healthy = all(finding.ok for finding in found)
    if json:
        from dataclasses import asdict

        terminal.out_json({"healthy": healthy, "findings": [asdict(finding) for finding in found]})
    else:
        _print(found)
    return 0 if healthy else BackendError.exit_code


async def _examine(system: "System", fix: bool, deleted: bool) -> "list[Finding]":
    from api import deleted as again
    from api import health

    look, mend = (again.examine, again.clean) if deleted else (health.examine, health.repair)
    found = await look(system)
    faults = [finding for finding in found if finding.fixable]
    if not fix or not faults:
        return found
    for fault in faults:
        terminal.note(f"kb: {fault.part}: {fault.detail}")
    terminal.note("kb: rebuilding the index from the catalog")
    await mend(system)
    return await look(system)


def _print(found: "Sequence[Finding]") -> None:
    for finding in found:
        state = "ok   " if finding.ok else "FAULT"
        terminal.out(f"{state}  {finding.part:<9} {layout.one_line(finding.detail)}")
        if finding.hint and not finding.ok:
            terminal.out(f"{' ' * 17}hint: {finding.hint}")
