"""One ingest: walk, plan, read and embed in worker processes, commit in groups.

A group is staged in the catalog, made durable in the store, and only then visible. Whatever
interrupts a run, the next one finishes what was staged and reads the rest.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from anyio.to_thread import run_sync

from ingest import commit
from ingest import plan as planning
from ingest.load import parser_version
from ingest.loaders import suffixes
from ingest.plan import Plan
from ingest.pool import Pool, Task
from ingest.report import Failure, Progress, Report
from ingest.sources import Seen, folder
from ingest.types import Parsed
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.errors import BadInput
from rag.system import System
from rag.writer import Writer

GROUP_CHUNKS = 1_500
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run. `groups` None leaves rights as they are (new files: open to all)."""

    path: Path
    collection: str
    groups: tuple[str, ...] | None = None
    prune: bool = False
    dry_run: bool = False


async def ingest(
    system: System,
    order: Order,
    *,
    pool: Pool | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Bring a collection up to date with a folder or file.

    `tell` hears of waiting. A `pool` that is given stays open: its children are warm for the next run.
    """
    started = time.monotonic()
    seen = await run_sync(folder.walk, order.path)
    if order.dry_run:
        plan = await run_sync(_plan, system, order, seen)
        return _dry_report(plan, order)
    async with system.writing(tell=tell) as writer:
        plan = await run_sync(_plan, system, order, seen)
        report = Report(order.collection)
        await run_sync(_note_stats, system, plan, order)
        await _read_all(system, writer, pool, plan, order, report, progress)
        await _finish(system, writer, plan, order, report)
    if order.prune and plan.missing:
        receipt = await system.delete([document.id for document in plan.missing], tell=tell)
        report.removed = [document.source for document in plan.missing]
        assert not receipt.left, receipt.left
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _plan(system: System, order: Order, seen: Sequence[Seen]) -> Plan:
    with system.catalog.read() as connection:
        known = documents.known(connection, system.settings.tenant, order.collection)
    root = Path(seen[0].place) if len(seen) == 1 and order.path.is_file() else order.path.absolute()
    plan = planning.make(
        seen,
        known,
        Path(root).resolve() if order.path.is_symlink() else root,
        supported=lambda name: Path(name).suffix.lower() in suffixes(),
        parser=lambda name: parser_version(name, system.settings.chunk_size),
    )
    _check(plan, order, seen)
    return plan


def _check(plan: Plan, order: Order, seen: Sequence[Seen]) -> None:
    """Say at once when there is nothing to do anything with."""
    if seen and len(plan.skipped) == len(seen):
        kinds = " ".join(sorted({Path(file.source).suffix.lower() or "(none)" for file in seen}))
        raise BadInput(
            f"nothing to read in {order.path}: {len(seen)} files, none of a kind that kb reads ({kinds})",
            hint="these are read: " + " ".join(sorted(suffixes())),
        )
    if not seen and not plan.missing:
        raise BadInput(f"{order.path} has no files", hint="hidden files and links are not followed")


def _note_stats(system: System, plan: Plan, order: Order) -> None:
    """What needs no reading: times of unchanged files, places of moved ones, rights, missing files."""
    tenant, now = system.settings.tenant, time.time()
    with system.catalog.write() as connection:
        for document, file in plan.unchanged:
            if (document.size, document.mtime, document.status) != (file.size, file.mtime, "ok"):
                values = {"size": file.size, "mtime": file.mtime, "status": "ok", "updated": now}
                documents.note(connection, tenant, document.id, **values)
        for document, file in plan.moved:
            values = {"place": file.place, "source": file.source, "size": file.size}
            values |= {"mtime": file.mtime, "status": "ok", "stale": 1}
            documents.note(connection, tenant, document.id, **values)
        for document in plan.missing:
            documents.note(connection, tenant, document.id, status="missing")
        commit.note_rights(connection, tenant, _regrouped(plan, order), order.groups or ())


def _regrouped(plan: Plan, order: Order) -> list[Known]:
    if order.groups is None:
        return []
    pairs = [*plan.unchanged, *plan.moved, *plan.changed, *plan.failed]
    return [document for document, _ in pairs if set(document.groups) != set(order.groups)]


async def _read_all(
    system: System,
    writer: Writer,
    warm: Pool | None,
    plan: Plan,
    order: Order,
    report: Report,
    progress: Callable[[Progress], None],
) -> None:
    """Parse and embed in the pool; commit in groups as results come."""
    known = {file.place: document for document, file in plan.changed}
    files = {file.place: file for file in [*plan.new, *(file for _, file in plan.changed)]}
    if not files:
        return
    total, started = sum(file.size for file in files.values()), time.monotonic()
    tasks = [Task(f.place, f.source, f.path, embed=f.place not in known) for f in files.values()]
    group: list[Parsed] = []
    done_files = done_bytes = 0
    with nullcontext(warm) if warm else Pool(system.settings) as pool:
        results = pool.parse(tasks)
        while (parsed := await run_sync(next, results, None)) is not None:
            group.append(parsed)
            done_files, done_bytes = done_files + 1, done_bytes + files[parsed.place].size
            if sum(len(one.pieces) for one in group) >= GROUP_CHUNKS:
                await _commit(system, writer, pool, group, files, known, order, report)
                group = []
            elapsed = time.monotonic() - started
            progress(Progress(done_files, len(files), done_bytes, total, elapsed))
        if group:
            await _commit(system, writer, pool, group, files, known, order, report)
    report.bytes = total


async def _commit(
    system: System,
    writer: Writer,
    pool: Pool,
    group: Sequence[Parsed],
    files: dict[str, Seen],
    known: dict[str, Known],
    order: Order,
    report: Report,
) -> None:
    good = [parsed for parsed in group if not parsed.error]
    vectors = await run_sync(commit.vectors, system, pool, good)

    def store() -> None:
        with system.catalog.write() as connection:
            stage = commit.Stage(connection, system, order.collection, order.groups)
            for parsed in group:
                stage.keep(parsed, files[parsed.place], known.get(parsed.place))
            stage.flush(vectors)

    await run_sync(store)
    await writer.step()
    for parsed in group:
        _report_one(report, parsed, files[parsed.place], parsed.place in known)


def _report_one(report: Report, parsed: Parsed, file: Seen, is_known: bool) -> None:
    if parsed.error:
        report.failed.append(Failure(file.source, parsed.state, parsed.error, parsed.hint))
        return
    (report.changed if is_known else report.new).append(file.source)
    report.chunks += len(parsed.pieces)


async def _finish(system: System, writer: Writer, plan: Plan, order: Order, report: Report) -> None:
    while await writer.step():  # moved files, rights, entries of replaced versions
        pass
    report.moved = [file.source for _, file in plan.moved]
    report.rights = [document.source for document in _regrouped(plan, order)]
    report.unchanged = len(plan.unchanged)
    report.missing = [document.source for document in plan.missing if not order.prune]
    report.skipped = [file.source for file in plan.skipped]
    report.failed += [Failure(f.source, d.status, d.detail) for d, f in plan.failed]
    for names in (report.new, report.changed):
        names.sort()
    report.failed.sort(key=lambda failure: failure.source)


def _dry_report(plan: Plan, order: Order) -> Report:
    return replace(
        Report(order.collection, dry_run=True),
        new=[file.source for file in plan.new],
        changed=[file.source for _, file in plan.changed],
        moved=[file.source for _, file in plan.moved],
        rights=[document.source for document in _regrouped(plan, order)],
        unchanged=len(plan.unchanged),
        missing=[document.source for document in plan.missing],
        removed=[document.source for document in plan.missing] if order.prune else [],
        skipped=[file.source for file in plan.skipped],
        failed=[Failure(file.source, d.status, d.detail) for d, file in plan.failed],
        bytes=sum(file.size for file in [*plan.new, *(file for _, file in plan.changed)]),
    )
