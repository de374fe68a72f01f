"""`kb source`: the places beside this machine's folders that documents come from."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.ingest import Allow, Exclude, Include, Into, groups
from api.cli.options import Home, Json
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.catalog.sources import Registered
    from rag.system import System

app = typer.Typer(
    name="source", help="Sites, buckets, shares, repositories, mailboxes.", rich_markup_mode=None
)

_HEAD = ("name", "url", "collection", "documents", "last sync", "result")
Name = Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")]
Url = Annotated[
    str, typer.Argument(metavar="URL", help="https:// s3:// webdavs:// git+https:// imaps:// or a path.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="OPTION=VALUE", help="An option of the source; again for more.", show_default=False
    ),
]
KeyEnv = Annotated[
    str,
    typer.Option(
        "--key-env", metavar="VARIABLE", help="Environment variable with the secret.", show_default=False
    ),
]


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> int:
    """Sites, buckets, shares, repositories, mailboxes."""
    if context.invoked_subcommand is None:
        terminal.out(context.get_help())
    return 0


@app.command()
def add(
    name: Name,
    url: Url,
    collection: Into = None,
    set_: Set = None,
    key_env: KeyEnv = "",
    allow: Allow = None,
    include: Include = None,
    exclude: Exclude = None,
    home: Home = None,
) -> int:
    """Keep a source under a name. Nothing is asked of it before the first sync."""
    from anyio.to_thread import run_sync

    from api.cli import opened
    from ingest.sync import local_path
    from rag.catalog.sources import Registered
    from rag.settings import load

    settings = load(collection=collection, home=home)
    path = local_path(url)
    source = Registered(
        name=name,
        url=str(path.expanduser().absolute()) if path is not None else url,
        collection=settings.collection,
        values=_values(set_ or ()),
        key_env=key_env,
        groups=groups(allow),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    others = opened.run_with(settings, lambda system: run_sync(_register, system, source))
    terminal.note(f"kb: {name} is kept; kb sync {name} reads it")
    if others:
        terminal.note(f"hint: {', '.join(others)} has this address too; documents go to the one synced last")
    if key_env and not os.environ.get(key_env):
        terminal.note(f"hint: {key_env} is not set here; a sync needs it")
    return 0


@app.command("list")
def list_(home: Home = None, json: Json = False) -> int:
    """List all sources with what the last sync did."""
    from api.cli import opened

    found = opened.run(_all, home=home)
    if json:
        terminal.out_json({"sources": [_encoded(one, count) for one, count in found]})
    elif found:
        rows = [_HEAD, *(_row(one, count) for one, count in found)]
        lines = layout.table(rows, most=(24, 48, 16, 9, 16, 60))
        terminal.out_styled(terminal.dim(next(lines)))
        for line in lines:
            terminal.out(line)
    else:
        terminal.note("kb: no sources")
        terminal.note("hint: kb source add NAME URL keeps one")
    return 0


@app.command()
def show(name: Name, home: Home = None, json: Json = False) -> int:
    """Say everything that is kept of a source."""
    from api.cli import opened

    source, count = opened.run(lambda system: _one(system, name), home=home)
    if json:
        terminal.out_json(_encoded(source, count))
        return 0
    for title, text in _lines(source, count):
        if text:
            terminal.out(f"{title + ':':<12}{layout.one_line(text)}")
    return 0


@app.command()
def remove(name: Name, home: Home = None) -> int:
    """Forget a source. Its documents stay and are no longer followed."""
    from api.cli import opened

    _, count = opened.run(lambda system: _one(system, name, forget=True), home=home)
    terminal.note(f"kb: {name} is forgotten; its {count} documents stay")
    if count:
        terminal.note(f"hint: kb delete --source {name} removes them")
    return 0


def _register(system: "System", source: "Registered") -> list[str]:
    """Keep it; names of other sources that fill the same collection from the same address."""
    from ingest.sync import register
    from rag.catalog import sources

    register(system, source)
    with system.catalog.read() as connection:
        every = sources.listing(connection, system.settings.tenant)
    place = source.url, source.collection
    return [one.name for one in every if (one.url, one.collection) == place and one.name != source.name]


async def _all(system: "System") -> "list[tuple[Registered, int]]":
    from anyio.to_thread import run_sync

    from rag.catalog import sources

    def read() -> "list[tuple[Registered, int]]":
        tenant = system.settings.tenant
        with system.catalog.read() as connection:
            counts = sources.counts(connection, tenant)
            return [(one, counts.get(one.name, 0)) for one in sources.listing(connection, tenant)]

    return await run_sync(read)


async def _one(system: "System", name: str, *, forget: bool = False) -> "tuple[Registered, int]":
    from anyio.to_thread import run_sync

    from ingest.sync import find
    from rag.catalog import sources

    def read() -> "tuple[Registered, int]":
        found = find(system, name)
        with system.catalog.write() as connection:
            count = sources.counts(connection, system.settings.tenant).get(name, 0)
            if forget:
                sources.remove(connection, system.settings.tenant, name)
        return found, count

    return await run_sync(read)


def _values(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise BadInput(f"--set {one}: OPTION=VALUE was expected", hint="such as --set depth=3")
        if name in ("password", "secret", "token", "secret_key", "key"):
            raise BadInput("secrets are not stored", hint="--key-env VARIABLE names where it is")
        found[name] = value
    return found


def _row(source: "Registered", count: int) -> tuple[str, ...]:
    return source.name, source.url, source.collection, str(count), _time(source.synced), result(source.report)


def _lines(source: "Registered", count: int) -> list[tuple[str, str]]:
    is_set = "set" if os.environ.get(source.key_env) else "not set here"
    return [
        ("name", source.name),
        ("url", source.url),
        ("collection", source.collection),
        ("options", ", ".join(f"{name}={value}" for name, value in sorted(source.values.items()))),
        ("secret", f"in {source.key_env} ({is_set})" if source.key_env else ""),
        ("readers", ", ".join(source.groups or ["everyone"]) if source.groups is not None else ""),
        ("include", ", ".join(source.include)),
        ("exclude", ", ".join(source.exclude)),
        ("documents", str(count)),
        ("last sync", _time(source.synced)),
        ("last try", f"{_time(source.report.get('at'))}: {result(source.report)}" if source.report else ""),
        ("hint", str(source.report.get("hint", ""))),
    ]


def result(report: Any) -> str:
    """What the last try did, in words."""
    if not report:
        return ""
    if "error" in report:
        return f"failed: {report['error']}"
    names = ("new", "changed", "moved", "removed", "unchanged", "failed")
    return ", ".join(f"{report[name]} {name}" for name in names if report.get(name)) or "nothing there"


def _time(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else "never"


def _encoded(source: "Registered", count: int) -> dict[str, Any]:
    shown = asdict(source)
    del shown["state"]
    return shown | {"documents": count}
