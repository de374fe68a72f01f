"""What children are given to do, and what came of it."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.types import Parsed
from rag.errors import BackendError, ConfigError

UNREAD_BYTES = 24 << 20  # of results that nobody has taken yet; more, and no new file is begun

Vectors = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Task:
    """A file to parse: the place it is kept under, its path as users see it, its path on disk.

    `path` has no links in it. With `embed` the child embeds too: for files of which no vectors
    can be known yet. `member` names a file within the archive at `path`. `language` and `title` are those
    to take instead of what the file says; empty leaves it to the file.
    """

    place: str
    source: str
    path: Path
    embed: bool = False
    language: str = ""
    title: str = ""
    member: str = ""


@dataclass(slots=True)
class Run:
    """One call of `parse`."""

    tasks: Iterator[Task]
    results: deque[tuple[Parsed, int]] = field(default_factory=deque)
    unread: int = 0
    open: int = 0
    exhausted: bool = False


@dataclass(slots=True)
class Job:
    """An order to a child: a file of a run, or texts to embed for a future."""

    task: Task | None = None
    run: Run | None = None
    texts: Sequence[str] = ()
    vectors: "Future[Vectors]" = field(default_factory=Future)
    tries: int = 0


class Jobs:
    """The queue between a run and its children. Safe to share between threads."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.closed = False
        self._waiting: deque[Job] = deque()  # texts to embed, and files to try again
        self._run: Run | None = None
        self._broken: ConfigError | None = None

    def begin(self, tasks: Iterable[Task]) -> Run:
        """A run whose tasks are taken one by one."""
        run = Run(iter(tasks))
        with self.changed:
            self._run = run
            self.changed.notify_all()
        return run

    def add(self, jobs: Sequence[Job]) -> None:
        """Texts to embed; they go before files."""
        with self.changed:
            self._check()
            self._waiting.extend(jobs)
            self.changed.notify_all()

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Jobs that were taken and not done, to be done first."""
        with self.changed:
            self._waiting.extendleft(reversed(jobs))
            self.changed.notify_all()

    def take(self, *, ahead: bool) -> Job | None:
        """The next job, waited for unless `ahead`; None when there is none."""
        with self.changed:
            while not self.closed:
                # Texts are more than a pipe holds: given ahead, they would block both sides.
                if self._waiting and not (ahead and self._waiting[0].run is None):
                    return self._waiting.popleft()
                if not self._waiting and (job := self._next_file()):
                    return job
                if ahead:
                    return None
                self.changed.wait()
            return None

    def finish(self, job: Job, result: Parsed, weight: int = 0) -> None:
        """A file is done; `weight` is about how many bytes the result takes."""
        run = job.run
        if run is None:
            job.vectors.set_exception(BackendError(f"embedding failed: {result.error}"))
            return
        with self.changed:
            run.open -= 1
            run.results.append((result, weight))
            run.unread += weight
            self.changed.notify_all()

    def next_result(self, run: Run) -> Parsed | None:
        """A result of the run, waited for; None after the last."""
        with self.changed:
            while not run.results:
                self._check()
                if run.exhausted and not run.open:
                    return None
                self.changed.wait()
            result, weight = run.results.popleft()
            run.unread -= weight
            self.changed.notify_all()
            return result

    def break_down(self, error: ConfigError, taken: Iterable[Job]) -> None:
        """There are no children any more: whoever waits learns of it."""
        with self.changed:
            self._broken = error
            for job in [*taken, *self._waiting]:
                if job.run is None:
                    job.vectors.set_exception(error)
            self._waiting.clear()
            self.changed.notify_all()

    def close(self) -> None:
        """No job is taken any more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _check(self) -> None:
        if self.closed:
            raise BackendError("the pool is closed")
        if self._broken:
            raise self._broken

    def _next_file(self) -> Job | None:
        run = self._run
        if run is None or run.exhausted or run.unread > UNREAD_BYTES:
            return None
        task = next(run.tasks, None)
        if task is None:
            run.exhausted = True
            self.changed.notify_all()
            return None
        run.open += 1
        return Job(task, run)
