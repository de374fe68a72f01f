"""`kb delete`: remove documents and prove that nothing of them is left."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import terminal
from api.cli.options import Home, Json, Store
from rag.errors import BackendError, BadInput

if TYPE_CHECKING:
    from rag.erase import Asked, Receipt
    from rag.system import System
    from rag.types import Document

Names = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids or source paths.")]
Source = Annotated[str | None, typer.Option("--source", help="All that this source brought.")]
Collection = Annotated[str | None, typer.Option("--collection", "-c", help="All of this collection.")]
Query = Annotated[
    str | None, typer.Option("--query", help="All in which these words stand, older versions too.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only list what would be deleted.")]
Out = Annotated[Path | None, typer.Option("--receipt", help="Write the signed receipt to this file.")]
_SHOWN = 20  # names before the question


def delete(
    names: Names = None,
    source: Source = None,
    collection: Collection = None,
    query: Query = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    receipt: Out = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Delete documents for good, everywhere, and give a signed receipt. Files outside stay as they are."""
    from api.cli import opened

    asked = _asked(names or (), source, collection, query)
    _check_place(receipt)

    async def work(system: "System") -> "tuple[list[Document], Receipt | None]":
        found = await _found(system, names or (), asked)
        if dry_run or not found or not (yes or await _agreed(found)):
            return found, None
        told = await system.delete(
            [document.id for document in found],
            asked=asked,
            tell=lambda text: terminal.note(f"kb: {text}"),
        )
        return found, told

    found, told = opened.run(work, store=store, home=home)
    if told is None:
        _say_nothing_done(found, dry_run, json)
        return 0
    _say(told, receipt, json)
    return BackendError.exit_code if told.left else 0


def _asked(names: Sequence[str], source: str | None, collection: str | None, query: str | None) -> "Asked":
    """Exactly one way to choose."""
    from rag.erase import Asked

    by = _user()
    ways = [Asked("ids", "", by)] if names else []
    ways += [Asked("source", source, by)] if source is not None else []
    ways += [Asked("collection", collection, by)] if collection is not None else []
    ways += [Asked("query", query, by)] if query is not None else []
    if len(ways) != 1:
        wrong = "several ways to choose documents were given" if ways else "nothing was named to be deleted"
        raise BadInput(wrong, hint="kb delete ID..., or one of --source, --collection and --query")
    return ways[0]


async def _found(system: "System", names: Sequence[str], asked: "Asked") -> "list[Document]":
    """What would go; every name is looked up before anything is done."""
    from anyio.to_thread import run_sync

    if names:
        ids = {known.id for name in names for known in [await system.find(name)]}
    else:
        ids = set(await run_sync(_chosen(system, asked)))
    return [document for document in await system.documents() if document.id in ids]


def _chosen(system: "System", asked: "Asked") -> Callable[[], list[str]]:
    from rag.erase import choose

    ways = {"source": choose.of_source, "collection": choose.of_collection, "query": choose.of_query}

    def read() -> list[str]:
        with system.catalog.read() as connection:
            return ways[asked.kind](connection, system.settings.tenant, asked.value)

    return read


async def _agreed(found: "Sequence[Document]") -> bool:
    from anyio.to_thread import run_sync

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadInput(
            f"deleting {_count(found)} needs a yes, and there is nobody to ask",
            hint="add --yes; --dry-run lists them",
        )
    for line in _names(found[:_SHOWN]):
        terminal.note(line)
    if len(found) > _SHOWN:
        terminal.note(f"  and {len(found) - _SHOWN} more; --dry-run lists all")
    return await run_sync(_yes, f"Delete {_count(found)} and all their versions? [y/N] ")


def _yes(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _names(found: "Sequence[Document]") -> list[str]:
    return [f"  {one.source}  ({one.collection}, {one.id})" for one in found]


def _count(found: "Sequence[object]") -> str:
    return f"{len(found)} document{'' if len(found) == 1 else 's'}"


def _user() -> str:
    """Who runs the command, as far as the operating system says."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a name for its user
        return "operator"


def _check_place(receipt: Path | None) -> None:
    """Before anything is done: a receipt must not be lost because its folder is not there."""
    if receipt is not None and (receipt.is_dir() or not receipt.absolute().parent.is_dir()):
        raise BadInput(
            f"the receipt cannot be written to {receipt}", hint="--receipt FILE in a folder that is there"
        )


def _say_nothing_done(found: "Sequence[Document]", dry_run: bool, json: bool) -> None:
    if json:
        listed = [{"id": one.id, "source": one.source, "collection": one.collection} for one in found]
        terminal.out_json({"would_delete": listed} if dry_run else {"documents": []})
    elif dry_run:
        for line in _names(found):
            terminal.out(line)
        terminal.out(f"{_count(found)} would be deleted")
    else:
        terminal.note("kb: nothing was deleted")


def _say(receipt: "Receipt", place: Path | None, json: bool) -> None:
    from rag import atomic

    if place is not None:
        try:
            atomic.write(place, receipt.text + "\n")
        except OSError as error:
            terminal.note(
                f"kb: {place} cannot be written ({error.strerror}); kb receipts {receipt.id} prints it"
            )
    if json:
        terminal.out_json(_object(receipt))
    else:
        _print(receipt, place)


def _object(receipt: "Receipt") -> dict[str, object]:
    from dataclasses import asdict
    from json import loads

    figures = asdict(receipt)
    return {**figures, "receipt": loads(figures.pop("text"))}


def _print(receipt: "Receipt", place: Path | None) -> None:
    terminal.out(
        f"deleted {_count(receipt.documents)}: {receipt.versions} versions, "
        f"{receipt.chunks} chunks; {receipt.answers} answers that quoted them are withdrawn"
    )
    looked = f"{receipt.probes} pieces of them in {receipt.files} files, {receipt.bytes:,} bytes"
    if receipt.left:
        terminal.out(f"looked for {looked}: FOUND in {', '.join(receipt.left)}")
        terminal.note(
            "hint: remove copies and backups; kb doctor --deleted --fix cleans the index and the catalog"
        )
    else:
        terminal.out(f"looked for {looked}: nothing is left")
    terminal.note("kb: their files and sources stay as they are; reading those again would bring them back")
    where = f"in {place}" if place is not None else f"kept; kb receipts {receipt.id} prints it"
    terminal.out(f"receipt {receipt.id}, signed, {where}")
