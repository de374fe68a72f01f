"""`kb show`: the canonical text of a document, in which every `start` and `end` counts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import stored, terminal
from api.cli.options import Home, Json, Store

if TYPE_CHECKING:
    from api.cli.parsing import Parsing
    from rag.system import System

Name = Annotated[str, typer.Argument(metavar="ID", help="Document id, version id or source path.")]
Kept = Annotated[
    str | None,
    typer.Option(
        "--version", metavar="N|ID", help="A stored version, also an older one.", show_default=False
    ),
]
Report = Annotated[bool, typer.Option("--report", help="How it was parsed, instead of the text.")]


def show(
    name: Name,
    version: Kept = None,
    report: Report = False,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Print the text of a document exactly as it is stored."""
    from api.cli import opened, parsing

    found = opened.run(lambda system: _read(system, name, version, report), store=store, home=home)
    if json:
        terminal.out_json(_json(found))
    elif report or found.version is None:
        for line in parsing.lines(found):
            terminal.out(line)
    else:
        terminal.out_exactly(found.version.text)
    return 0


async def _read(system: "System", name: str, version: str | None, report: bool) -> "Parsing":
    from anyio.to_thread import run_sync

    from api.cli.parsing import Parsing
    from rag.catalog import versions

    known = await system.find(name)
    tenant = system.settings.tenant
    kept = await run_sync(stored.versions_of, system, known.id)
    if version is not None:
        wanted = stored.named(version, kept).id
    elif known.current is None and report:
        return Parsing(known, None, kept, {})
    else:
        wanted = (await system.version(known.id)).id
    text = await run_sync(system.library.version, tenant, wanted)

    def read_report() -> dict[str, object]:
        with system.catalog.read() as connection:
            return versions.report(connection, tenant, wanted)

    return Parsing(known, text, kept, await run_sync(read_report))


def _json(found: "Parsing") -> dict[str, Any]:
    from api import encode

    kept = [{"id": one.id, "state": one.state} for one in found.kept]
    if found.version is None:
        known = found.known
        return {"document": known.id, "source": known.source, "status": known.status, "detail": known.detail}
    return encode.version(found.version) | {"report": {"versions": kept, **found.report}}
