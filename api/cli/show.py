"""`kb show`: the canonical text of a document, in which every `start` and `end` counts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.options import Home, Json, Store
from rag.types import Version

if TYPE_CHECKING:
    from rag.system import System

Name = Annotated[str, typer.Argument(metavar="ID", help="Document id, version id or source path.")]
Kept = Annotated[
    str | None, typer.Option("--version", help="A stored version, also an older one.", show_default=False)
]
Parsing = Annotated[bool, typer.Option("--report", help="How it was parsed, instead of the text.")]


def show(
    name: Name,
    version: Kept = None,
    report: Parsing = False,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Print the text of a document exactly as it is stored."""
    from api import encode
    from api.cli import opened

    found, parsing = opened.run(lambda system: _read(system, name, version), store=store, home=home)
    if json:
        terminal.out_json(encode.version(found) | {"report": parsing})
    elif report:
        _print_report(found, parsing)
    else:
        terminal.out_exactly(found.text)
    return 0


async def _read(system: "System", name: str, version: str | None) -> tuple[Version, dict[str, Any]]:
    from anyio.to_thread import run_sync

    from rag.catalog import versions
    from rag.errors import NotFound

    tenant = system.settings.tenant
    if version is None:
        found = await system.version(name)
    else:
        document = await system.find(name)
        found = await run_sync(system.library.version, tenant, version)
        if found.document != document.id:
            raise NotFound(f"{version} is no version of {name}", hint="kb show ID --report names them")

    def read_report() -> dict[str, Any]:
        with system.catalog.read() as connection:
            stored = versions.of_document(connection, tenant, found.document)
            parsing = versions.report(connection, tenant, found.id)
        return {"versions": [{"id": one, "state": state} for one, state in stored], **parsing}

    return found, await run_sync(read_report)


def _print_report(found: Version, parsing: dict[str, Any]) -> None:
    terminal.out_styled(f"{terminal.bold(found.title)}  {layout.clean(found.source)}")
    terminal.out(f"document {found.document}  collection {found.collection}  language {found.language}")
    terminal.out(f"version {found.id} (number {found.number}, {found.state}), {len(found.text)} characters")
    if found.pages:
        terminal.out(f"pages {len(found.pages)}, starting at {', '.join(map(str, found.pages))}")
    for key, value in parsing.items():
        if key == "versions":
            value = ", ".join(f"{one['id']} ({one['state']})" for one in value)
        elif isinstance(value, list):
            value = "; ".join(map(str, value))
        terminal.out(f"{key}: {value}")
