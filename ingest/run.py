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
from ingest.sources import Seen, Walked, folder
from ingest.types import Parsed
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.embedders import Remote
from rag.errors import BadInput
from rag.system import System
from rag.writer import Writer

GROUP_CHUNKS = 3_000
EVERYONE = "everyone"
FEW = 10  # documents; a collection of so few may lose any share of them to a prune, but not all at once


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run. `groups` None leaves rights as they are (new files: open to all).

    `sure` lets a prune remove a great part of the collection.
    """

    path: Path
    collection: str
    groups: tuple[str, ...] | None = None
    prune: bool = False
    dry_run: bool = False
    sure: bool = False


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
    walked = await run_sync(folder.walk, order.path)
    if order.dry_run:
        plan = await run_sync(_plan, system, order, walked)
        return _dry_report(plan, order, walked)
    async with system.writing(tell=tell) as writer:
        plan = await run_sync(_plan, system, order, walked)
        report = Report(order.collection, failed=_unreadable(walked))
        await run_sync(_note_stats, system, plan, order)
        await _read_all(system, writer, pool, plan, order, report, progress)
        await _finish(system, writer, plan, order, report)
    if order.prune and plan.missing:
        receipt = await system.delete([document.id for document in plan.missing], tell=tell)
        report.removed = [document.source for document in plan.missing]
        report.left = list(receipt.left)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _plan(system: System, order: Order, walked: Walked) -> Plan:
    with system.catalog.read() as connection:
        known = documents.known(connection, system.settings.tenant, order.collection)
    plan = planning.make(
        walked,
        known,
        supported=lambda name: Path(name).suffix.lower() in suffixes(),
        parser=lambda name: parser_version(name, system.settings.chunk_size),
    )
    _check(plan, order, walked)
    if order.prune and not order.sure and not order.dry_run:
        _check_prune(plan, order, known, walked)
    return plan


def _check(plan: Plan, order: Order, walked: Walked) -> None:
    """Say at once when there is nothing to do anything with."""
    files = walked.files
    if plan.missing or walked.unreadable:
        return
    if files and len(plan.skipped) == len(files):
        kinds = " ".join(sorted({Path(file.source).suffix.lower() or "(none)" for file in files}))
        raise BadInput(
            f"nothing to read in {order.path}: {len(files)} files, none of a kind that kb reads ({kinds})",
            hint="these are read: " + " ".join(sorted(suffixes())),
        )
    if not files:
        raise BadInput(f"{order.path} has no files", hint="hidden files and links are not followed")


def _check_prune(plan: Plan, order: Order, known: Sequence[Known], walked: Walked) -> None:
    """A disk that is not mounted looks like a folder whose files are gone."""
    missing = len(plan.missing)
    is_empty = missing > 0 and not walked.files
    if is_empty or (len(known) > FEW and missing * 5 > len(known)):
        raise BadInput(
            f"--prune would remove {missing} of the {len(known)} documents of {order.collection}",
            hint=f"check that {order.path} is complete; --yes removes them",
        )


def _unreadable(walked: Walked) -> list[Failure]:
    return [Failure(one.source, "unreadable", one.error, one.hint) for one in walked.unreadable]


def _note_stats(system: System, plan: Plan, order: Order) -> None:
    """What needs no reading: times and wider names of unchanged files, rights, missing files."""
    tenant, now = system.settings.tenant, time.time()
    with system.catalog.write() as connection:
        for document, file in plan.unchanged:
            if (document.size, document.mtime, document.status) != (file.size, file.mtime, "ok"):
                values = {"size": file.size, "mtime": file.mtime, "status": "ok", "updated": now}
                documents.note(connection, tenant, document.id, **values)
        for document, file in [*plan.unchanged, *plan.failed]:
            if document.source != file.source:
                documents.note(connection, tenant, document.id, source=file.source, stale=1)
        for document in plan.missing:
            documents.note(connection, tenant, document.id, status="missing")
        commit.note_rights(connection, tenant, _regrouped(plan, order), order.groups or ())


def _regrouped(plan: Plan, order: Order) -> list[Known]:
    if order.groups is None:
        return []
    pairs = [*plan.unchanged, *plan.moved, *plan.changed, *plan.failed]
    found = [document for document, _ in pairs]
    found += [] if order.prune else plan.missing  # they still answer
    return [document for document in found if set(document.groups) != set(order.groups)]


def _to_read(plan: Plan) -> list[Seen]:
    """A moved file too: its name is among its words, and another suffix is another parser."""
    return [*plan.new, *(file for _, file in [*plan.changed, *plan.moved])]


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
    known = {file.place: document for document, file in [*plan.changed, *plan.moved]}
    files = {file.place: file for file in _to_read(plan)}
    if not files:
        return
    total, started = sum(file.size for file in files.values()), time.monotonic()
    await run_sync(
        system.embedder.query, "warm 热身"
    )  # one that cannot be read or reached is told once, here
    local = not isinstance(system.embedder, Remote)
    tasks = [
        Task(f.place, f.source, f.path or Path(), embed=local and f.place not in known)
        for f in files.values()
    ]
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
        _report_one(report, parsed, files[parsed.place], known.get(parsed.place))


def _report_one(report: Report, parsed: Parsed, file: Seen, known: Known | None) -> None:
    if parsed.error:
        report.failed.append(Failure(file.source, parsed.state, parsed.error, parsed.hint))
        return
    if known is None:
        report.new.append(file.source)
    else:
        (report.changed if known.place == file.place else report.moved).append(file.source)
    report.chunks += len(parsed.pieces)


async def _finish(system: System, writer: Writer, plan: Plan, order: Order, report: Report) -> None:
    while await writer.step():  # new names, rights, entries of replaced versions
        pass
    report.rights = [document.source for document in _regrouped(plan, order)]
    report.unchanged = len(plan.unchanged)
    report.missing = [document.source for document in plan.missing if not order.prune]
    report.skipped = [file.source for file in plan.skipped]
    report.failed += [Failure(f.source, d.status, d.detail) for d, f in plan.failed]
    for names in (report.new, report.changed, report.moved):
        names.sort()
    report.failed.sort(key=lambda failure: failure.source)


def _dry_report(plan: Plan, order: Order, walked: Walked) -> Report:
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
        failed=_unreadable(walked) + [Failure(f.source, d.status, d.detail) for d, f in plan.failed],
        bytes=sum(file.size for file in _to_read(plan)),
    )
