"""Parse and embed in the pool; commit in groups as results come."""

import inspect
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from anyio.to_thread import run_sync

from ingest import commit, fetch
from ingest.planning.work import Work
from ingest.report import Failure, Progress, Report
from ingest.sources import Seen
from ingest.types import Parsed
from ingest.wall.jobs import Task
from ingest.wall.pool import Pool
from rag.catalog.documents import Known
from rag.embedders import Remote
from rag.errors import BackendError
from rag.system import System
from rag.writer import Writer, unbroken

GROUP_CHUNKS = 3_000


class Reading:
    """The files of one run that must be read."""

    def __init__(self, system: System, writer: Writer, work: Work, report: Report) -> None:
        self._system, self._writer, self._work, self._report = system, writer, work, report
        self._known = {file.place: known for known, file in [*work.plan.changed, *work.plan.moved]}
        self._files = {file.place: file for file in work.to_read()}
        self._group: list[Parsed] = []
        self.hashes: dict[str, bytes] = {}  # of the files that were read, by name

    async def run(self, warm: Pool | None, progress: Callable[[Progress], None]) -> None:
        """Read them all. What an error from a source stops, is committed as far as it came."""
        if not self._files:
            return
        # An embedder that cannot be read or reached is told once, here.
        await run_sync(self._system.embedder.query, "warm 热身")
        total, started = sum(file.size for file in self._files.values()), time.monotonic()
        done_files = done_bytes = 0
        with nullcontext(warm) if warm else Pool(self._system.settings) as pool:
            try:
                with _closing(self._parsed(pool)) as results:
                    while (parsed := await run_sync(next, results, None)) is not None:
                        await self._take(parsed, pool)
                        done_files, done_bytes = done_files + 1, done_bytes + self._files[parsed.place].size
                        elapsed = time.monotonic() - started
                        progress(Progress(done_files, len(self._files), done_bytes, total, elapsed))
            except BackendError:  # the source is gone; what it gave is kept
                await self._commit(pool)
                raise
            await self._commit(pool)
        self._report.bytes = total

    def _parsed(self, pool: Pool) -> Generator[Parsed]:
        """Every file's result. Files of a source are fetched while others are parsed."""
        here: list[Seen] = []
        away: list[Seen] = []
        for file in self._files.values():
            if (said := self._too_large(file)) is not None:
                yield said
            else:
                (away if file.path is None else here).append(file)
        if here:
            yield from pool.parse([self._task(file, file.path or Path()) for file in here])
        if away and self._work.order.source is not None:
            with closing(fetch.batches(self._work.order.source, away)) as batches:
                for batch in batches:
                    yield from self._parse_fetched(pool, batch)

    def _parse_fetched(self, pool: Pool, batch: Sequence[fetch.Fetched]) -> Generator[Parsed]:
        held = {one.seen.place: one for one in batch if one.path is not None}
        for one in batch:
            if one.error is not None:
                yield Parsed(one.seen.place, error=str(one.error), state=one.error.state, hint=one.error.hint)
        try:
            for parsed in pool.parse([self._task(one.seen, one.path or Path()) for one in held.values()]):
                fetch.remove(held[parsed.place])
                yield parsed
        finally:
            for one in held.values():
                fetch.remove(one)

    def _task(self, file: Seen, path: Path) -> Task:
        """Files of which no vectors can be known yet are embedded where they are parsed."""
        rules = self._work.rules(file)
        is_local = not isinstance(self._system.embedder, Remote)
        return Task(
            file.place,
            file.source,
            path,
            embed=is_local and file.place not in self._known,
            language=rules.language or "",
            title=rules.title or "",
            member=file.member,
        )

    def _too_large(self, file: Seen) -> Parsed | None:
        """What a folder's own limit says; the limit of the settings is the child's."""
        limit = self._work.rules(file).max_file_mb
        if limit is None or file.size <= limit << 20:
            return None
        said = f"larger than the {limit} MB that its folder allows"
        return Parsed(file.place, error=said, state="too large", hint="raise max_file_mb in .kb.toml")

    async def _take(self, parsed: Parsed, pool: Pool) -> None:
        self._group.append(parsed)
        if sum(len(one.pieces) for one in self._group) >= GROUP_CHUNKS:
            await self._commit(pool)

    async def _commit(self, pool: Pool) -> None:
        group, self._group = self._group, []
        if not group:
            return
        good = [parsed for parsed in group if not parsed.error]
        vectors = await run_sync(commit.vectors, self._system, pool, good)

        def store() -> None:
            with self._system.catalog.write() as connection:
                stage = commit.Stage(connection, self._system, self._work)
                for parsed in group:
                    stage.keep(parsed, self._files[parsed.place], self._known.get(parsed.place))
                stage.flush(vectors)

        await unbroken(run_sync(store))
        await self._writer.step()
        for parsed in group:
            file = self._files[parsed.place]
            _note(self._report, parsed, file, self._known.get(parsed.place))
            if not parsed.error:
                self.hashes[file.source] = parsed.content_hash


@contextmanager
def _closing(results: Generator[Parsed]) -> Iterator[Generator[Parsed]]:
    """Close it in the end, unless an interrupt left a thread in it: then it closes when that lets go."""
    try:
        yield results
    finally:
        try:
            results.close()
        except ValueError:
            if inspect.getgeneratorstate(results) != inspect.GEN_RUNNING:
                raise


def _note(report: Report, parsed: Parsed, file: Seen, known: Known | None) -> None:
    if parsed.error:
        report.failed.append(Failure(file.source, parsed.state, parsed.error, parsed.hint))
        return
    if known is None:
        report.new.append(file.source)
    else:
        (report.changed if known.place == file.place else report.moved).append(file.source)
    report.chunks += len(parsed.pieces)
