"""`kb delete`: remove documents and prove that nothing of them is left."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import terminal
from api.cli.options import Home, Json, Store
from rag.errors import BackendError, BadInput

if TYPE_CHECKING:
    from rag.catalog.documents import Known
    from rag.erase import Receipt
    from rag.system import System

Names = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids or source paths.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def delete(names: Names, yes: Yes = False, store: Store = None, home: Home = None, json: Json = False) -> int:
    """Delete documents for good and print the receipt."""
    from api.cli import opened

    receipt = opened.run(lambda system: _delete(system, names, yes), store=store, home=home)
    if receipt is None:
        terminal.note("kb: nothing was deleted")
        return 0
    if json:
        from dataclasses import asdict

        terminal.out_json(asdict(receipt))
    else:
        _print(receipt)
    return BackendError.exit_code if receipt.left else 0


async def _delete(system: "System", names: Sequence[str], yes: bool) -> "Receipt | None":
    from anyio.to_thread import run_sync

    found = {known.id: known for name in names for known in [await system.find(name)]}
    if not yes and not await run_sync(_agreed, list(found.values())):
        return None
    return await system.delete(list(found), tell=lambda text: terminal.note(f"kb: {text}"))


def _agreed(documents: "Sequence[Known]") -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadInput("deleting needs a yes, and there is nobody to ask", hint="add --yes")
    for known in documents:
        terminal.note(f"  {known.source}  ({known.collection}, {known.id})")
    question = f"Delete {len(documents)} documents and all their versions? [y/N] "
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print(receipt: "Receipt") -> None:
    terminal.out(
        f"deleted {len(receipt.documents)} documents: {receipt.versions} versions, "
        f"{receipt.chunks} chunks; {receipt.answers} answers that quoted them are withdrawn"
    )
    looked = f"{receipt.probes} pieces of them in {receipt.files} files, {receipt.bytes:,} bytes"
    if receipt.left:
        terminal.out(f"looked for {looked}: FOUND in {', '.join(receipt.left)}")
        terminal.note("hint: kb doctor --fix rebuilds the index; then delete again")
    else:
        terminal.out(f"looked for {looked}: nothing is left")
