"""One ingest: walk, select, plan, read and embed in worker processes, commit in groups.

A group is staged in the catalog, made durable in the store, and only then visible. Whatever
interrupts a run, the next one finishes what was staged and reads the rest.
"""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from anyio.to_thread import run_sync

from ingest import commit, fetch
from ingest.loaders import suffixes
from ingest.options import Options
from ingest.planning import prune, work
from ingest.planning.copies import copies
from ingest.planning.estimate import estimate, note_rate
from ingest.planning.order import Order
from ingest.planning.plan import Plan
from ingest.planning.prune import Agree
from ingest.planning.selection import Selected, is_packed, select
from ingest.planning.work import RIGHTS, Work
from ingest.reading import Reading
from ingest.report import Failure, Progress, Report
from ingest.sources import Walked, folder
from ingest.wall.archive import archive_place, expand
from ingest.wall.members import is_archive
from ingest.wall.pool import Pool
from rag.catalog import documents
from rag.erase import Asked
from rag.errors import BadInput
from rag.spool import spool
from rag.system import System
from rag.writer import Writer, alone, unbroken

__all__ = ["Order", "ingest"]

_NAME = re.compile(r"\w[\w.-]*")


async def ingest(
    system: System,
    order: Order,
    *,
    pool: Pool | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
    agree: Agree | None = None,
) -> Report:
    """Bring a collection up to date with a folder, a file or a source.

    `tell` hears of waiting. A `pool` that is given stays open: its children are warm for the next run.
    `agree` is asked before a prune removes a great part; without it such a prune is refused. A source
    is not closed. `BackendError` when it cannot be reached; what was read until then is kept, and
    nothing is removed.
    """
    started = time.monotonic()
    async with _source_alone(system, order, tell):
        selected = await run_sync(_select, order, Options.of(system.settings))
        if order.dry_run:
            return await run_sync(_dry_report, system, order, selected)
        async with system.writing(tell=tell) as writer:
            # Somebody may be asked, and leave by an interrupt instead.
            planned = await run_sync(_decide, system, order, selected, agree, abandon_on_cancel=True)
            report = Report(order.collection, failed=_unreadable(selected.walked))
            await unbroken(run_sync(_note_facts, system, planned))
            began = time.monotonic()
            reading = Reading(system, writer, planned, report)
            await reading.run(pool, progress)
            report.copies = copies([*reading.hashes.items(), *_hashes(planned.plan)])
            await run_sync(note_rate, system.settings.home, report.bytes, time.monotonic() - began)
            await _finish(system, writer, planned, report)
    report.seconds = round(time.monotonic() - started, 3)
    return report


@asynccontextmanager
async def _source_alone(system: System, order: Order, tell: Callable[[str], None]) -> AsyncIterator[None]:
    """One run of a source at a time: two would remove each other's files from the spool."""
    if order.source is None:
        yield
        return
    if not _NAME.fullmatch(order.origin):  # it names a folder, in which files are removed
        raise BadInput(f"{order.origin!r} is no name of a source", hint="letters, digits, . _ -")
    async with alone(system.catalog, f"{system.settings.tenant}.source.{order.origin}", tell=tell):
        await run_sync(fetch.clear, (spool(system.settings.home, system.settings.tenant) / order.origin))
        yield


def _select(order: Order, options: Options) -> Selected:
    """What there is and shall be read; archives on this machine are their members."""
    first = select(_walk(order), order.include, order.exclude)
    if not any(file.path is not None and is_archive(file.source) for file in first.walked.files):
        return first
    expanded = expand(first.walked, options)
    closed = {one.place for one in expanded.unreadable}
    opened = sum(is_packed(file) and archive_place(file) not in closed for file in first.walked.files)
    again = select(expanded, order.include, order.exclude)
    return replace(again, ignored=first.ignored + again.ignored, archives=opened)


def _walk(order: Order) -> Walked:
    if order.source is not None:
        return order.source.walk()
    if order.path is not None:
        return folder.walk(order.path)
    raise BadInput("nothing to ingest", hint="name a folder, a file or a source")


def _decide(system: System, order: Order, selected: Selected, agree: Agree | None) -> Work:
    planned = work.decide(system, order, selected)
    _check(planned)
    prune.check(planned, agree)
    return planned


def _check(planned: Work) -> None:
    """Say at once when there is nothing to do anything with."""
    plan, selected, order = planned.plan, planned.selected, planned.order
    files = selected.walked.files
    if plan.missing or selected.walked.unreadable or order.source is not None:
        return
    if files and len(plan.skipped) == len(files):
        kinds = " ".join(sorted({Path(file.source).suffix.lower() or "(none)" for file in files}))
        raise BadInput(
            f"nothing to read in {order.path}: {len(files)} files, none of a kind that kb reads ({kinds})",
            hint="these are read: " + " ".join(sorted(suffixes())),
        )
    if not files and selected.ignored:
        raise BadInput(
            f"nothing to read in {order.path}: all {len(selected.ignored)} files are left out",
            hint="see .kbignore, .kb.toml, --include and --exclude",
        )
    if not files:
        raise BadInput(f"{order.path} has no files", hint="hidden files and links are not followed")


def _unreadable(walked: Walked) -> list[Failure]:
    return [Failure(one.source, "unreadable", one.error, one.hint) for one in walked.unreadable]


def _hashes(plan: Plan) -> Iterator[tuple[str, bytes]]:
    return ((file.source, known.content_hash) for known, file in plan.unchanged)


def _still_failed(plan: Plan) -> list[Failure]:
    """Files that could not be read, and are the same still; what was noted of them is error and hint."""
    found = [(file.source, known.status, known.detail.rpartition("; ")) for known, file in plan.failed]
    return [
        Failure(name, state, said or hint, hint if said else "") for name, state, (said, _, hint) in found
    ]


def _note_facts(system: System, planned: Work) -> None:
    """What needs no reading: times and wider names of unchanged files, facts, missing files."""
    tenant, now, plan = system.settings.tenant, time.time(), planned.plan
    with system.catalog.write() as connection:
        for known, file in plan.unchanged:
            if (known.size, known.mtime, known.etag, known.status) != (
                file.size,
                file.mtime,
                file.etag,
                "ok",
            ):
                values = {"size": file.size, "mtime": file.mtime, "etag": file.etag, "updated": now}
                documents.note(connection, tenant, known.id, status="ok", **values)
        for known, file in [*plan.unchanged, *plan.failed]:
            if known.source != file.source:
                documents.note(connection, tenant, known.id, source=file.source, stale=1)
        for known in plan.missing:
            documents.note(connection, tenant, known.id, status="missing")
        commit.note_facts(connection, tenant, planned.regrouped())


async def _finish(system: System, writer: Writer, planned: Work, report: Report) -> None:
    while await writer.step():  # new names, rights, entries of replaced versions
        pass
    plan = planned.plan
    report.rights, report.facts = _regrouped(planned)
    report.unchanged = len(plan.unchanged)
    report.skipped = [file.source for file in plan.skipped]
    report.ignored = [file.source for file in planned.selected.ignored]
    report.archives = planned.selected.archives
    report.hidden, report.links = planned.selected.walked.hidden, planned.selected.walked.links
    report.failed += _still_failed(plan)
    report.state = planned.selected.walked.state
    gone = [known.source for known in plan.missing]
    if not planned.order.prune:
        report.missing = gone
    elif gone:
        asked = Asked("prune", planned.order.origin or planned.order.collection)
        receipt = await system.delete([known.id for known in plan.missing], asked=asked, writer=writer)
        report.removed, report.left = gone, list(receipt.left)
    for names in (report.new, report.changed, report.moved):
        names.sort()
    report.failed.sort(key=lambda failure: failure.source)


def _regrouped(planned: Work) -> tuple[list[str], list[str]]:
    """Sources whose rights change, and those of which anything else does."""
    found = planned.regrouped()
    rights = [known.source for known, columns in found if RIGHTS in columns]
    return rights, [known.source for known, columns in found if columns.keys() - {RIGHTS}]


def _dry_report(system: System, order: Order, selected: Selected) -> Report:
    planned = work.decide(system, order, selected)
    _check(planned)
    plan = planned.plan
    rights, facts = _regrouped(planned)
    gone = [known.source for known in plan.missing]
    return replace(
        Report(order.collection, dry_run=True),
        new=[file.source for file in plan.new],
        changed=[file.source for _, file in plan.changed],
        moved=[file.source for _, file in plan.moved],
        rights=rights,
        facts=facts,
        unchanged=len(plan.unchanged),
        missing=[] if order.prune else gone,
        removed=gone if order.prune else [],
        skipped=[file.source for file in plan.skipped],
        ignored=[file.source for file in selected.ignored],
        archives=selected.archives,
        hidden=selected.walked.hidden,
        links=selected.walked.links,
        failed=_unreadable(selected.walked) + _still_failed(plan),
        bytes=sum(file.size for file in planned.to_read()),
        estimate=estimate(planned.to_read(), system.settings),
        state=selected.walked.state,
    )
