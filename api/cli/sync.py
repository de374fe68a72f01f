"""`kb sync`: bring collections up to date with their sources, once, every so often, or on each change."""

import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import failures, layout, terminal
from api.cli.ingest import PARTIAL, DryRun
from api.cli.options import Home, Json, Store
from rag.errors import BackendError, BadInput, KBError

if TYPE_CHECKING:
    import asyncio

    from ingest.report import Report
    from rag.system import System

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources; without a name, all.")]
Every = Annotated[
    str, typer.Option("--every", metavar="TIME", help="Again after 90s, 10m, 2h or 1d.", show_default=False)
]
Watch = Annotated[bool, typer.Option("--watch", help="Again whenever a folder changes.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Let a great part of the documents be removed.")]
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source: a report or an error."""

    name: str
    report: "Report | None" = None
    error: KBError | None = None


def sync(
    names: Names = None,
    every: Every = "",
    watch: Watch = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Read what is new in sources, and remove what is gone from them."""
    from api.cli import opened

    seconds = _seconds(every) if every else 0
    if bool(seconds) + watch + (json or dry_run) > 1:
        raise BadInput("--every, --watch and --json or --dry-run exclude each other", hint="choose one")

    async def work(system: "System") -> int:
        if watch:
            return await _watch(system, names or ())
        if seconds:
            return await _repeat(system, names or (), seconds)
        outcomes = await _round(
            system, await _chosen(system, names or ()), dry_run=dry_run, yes=yes, asks=True
        )
        _print_json(outcomes) if json else _print(outcomes)
        return _code(outcomes)

    return opened.run(work, store=store, home=home)


async def _chosen(system: "System", names: Sequence[str], *, may_be_none: bool = False) -> dict[str, str]:
    """Name to URL: those named, or all. Every name is looked up before anything is done."""
    from anyio.to_thread import run_sync

    from ingest.sync import find
    from rag.catalog import sources

    def read() -> dict[str, str]:
        if names:
            return {name: find(system, name).url for name in dict.fromkeys(names)}
        with system.catalog.read() as connection:
            return {one.name: one.url for one in sources.listing(connection, system.settings.tenant)}

    found = await run_sync(read)
    if not found and not may_be_none:
        raise BadInput("there are no sources", hint="kb source add NAME URL keeps one")
    return found


async def _round(
    system: "System",
    names: Sequence[str] | dict[str, str],
    *,
    dry_run: bool = False,
    yes: bool = False,
    asks: bool = False,
) -> list[Outcome]:
    """One sync of each, one after the other; one that fails stops no other."""
    return [await _one(system, name, dry_run=dry_run, yes=yes, asks=asks) for name in names]


async def _one(system: "System", name: str, *, dry_run: bool, yes: bool, asks: bool) -> Outcome:
    from api.cli import progress
    from api.cli.ingest import agreed
    from ingest import sync as run

    try:
        with progress.shown() as show:
            report = await run.sync(
                system,
                name,
                dry_run=dry_run,
                sure=yes,
                progress=show,
                tell=lambda text: terminal.note(f"kb: {text}"),
                agree=agreed if asks else None,
            )
    except Exception as error:  # noqa: BLE001  # a bug in one source must not end the others
        return Outcome(name, error=failures.as_ours(error))
    return Outcome(name, report)


async def _repeat(system: "System", names: Sequence[str], seconds: int) -> int:
    """Until SIGTERM. A round begins when the one before has ended, so none overlaps another."""
    import asyncio

    await _chosen(system, names)
    with _stopping() as stop:
        while not stop.is_set():
            _print(await _round(system, await _chosen(system, names, may_be_none=True)))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
    return 0


async def _watch(system: "System", names: Sequence[str]) -> int:
    """Until SIGTERM, for sources that are folders or files of this machine."""
    from ingest.sync import local_path
    from ingest.watch import changes

    chosen = await _chosen(system, names)
    paths = {name: path for name, url in chosen.items() if (path := local_path(url)) is not None}
    if far := [name for name in names if name not in paths]:
        raise BadInput(f"{far[0]} is not on this machine and cannot be watched", hint="--every 10m")
    if not paths:
        raise BadInput("none of the sources is a folder of this machine", hint="--every 10m")
    with _stopping() as stop:
        async for changed in changes(list(dict.fromkeys(paths.values())), stop):
            _print(await _round(system, [name for name, path in paths.items() if path in changed]))
    return 0


@contextmanager
def _stopping() -> "Iterator[asyncio.Event]":
    """An event that SIGTERM sets: what was begun is finished, nothing else begins."""
    import asyncio

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    # Loops on Windows take no signals: there a sync ends with its process, and the next one finishes it.
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, stop.set)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)


def _print(outcomes: Sequence[Outcome]) -> None:
    from api.cli import summary

    for one in outcomes:
        if one.error is not None:
            terminal.note(f"kb: {one.name}: {layout.one_line(str(one.error))}")
            if one.error.hint:
                terminal.note(f"hint: {layout.one_line(one.error.hint)}")
        elif one.report is not None:
            first, *more = summary.lines(one.report)
            terminal.out(f"{one.name}: {first}")
            for line in more:
                terminal.out(line)
    sys.stdout.flush()  # whoever reads a log of `--every` wants it now


def _print_json(outcomes: Sequence[Outcome]) -> None:
    terminal.out_json({"sources": [_encoded(one) for one in outcomes]})


def _encoded(one: Outcome) -> dict[str, Any]:
    if one.report is None:
        from api.encode import problem

        return {"name": one.name, "error": problem(one.error) if one.error else None}
    report = asdict(one.report)
    del report["state"]
    return {"name": one.name, "report": report}


def _code(outcomes: Sequence[Outcome]) -> int:
    """That of the worst: a service that failed, anything else that was wrong, files that were not read."""
    codes = {one.error.exit_code for one in outcomes if one.error is not None}
    reports = [one.report for one in outcomes if one.report is not None]
    if BackendError.exit_code in codes or any(report.left for report in reports):
        return BackendError.exit_code
    return max(codes, default=PARTIAL if any(report.failed for report in reports) else 0)


def _seconds(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if not found or not int(found[1]):
        raise BadInput(f"--every {text}: a time was expected", hint="90s, 10m, 2h or 1d")
    return int(found[1]) * _UNITS[found[2]]
