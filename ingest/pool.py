"""A pool of warm children that parse and embed. What kills a child is reported, and the run goes on."""

import pickle
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest import wire
from ingest.child import Child, ChildDied
from ingest.options import Options
from ingest.types import Parsed
from rag.errors import BackendError, ConfigError
from rag.settings import Settings

GRACE_SECONDS = 5  # a child notices most lateness itself; what it cannot interrupt is killed
UNREAD_BYTES = 64 << 20  # of results that nobody has taken yet; more, and no new file is begun
AHEAD = 2  # orders given to a child at once, so that it need not wait for us
MOST_DEATHS = 8  # in a row, without a single result: then it is us, not the files
TRIES = 2  # a child may also be killed because the machine lacks memory
BATCH = 256


@dataclass(frozen=True, slots=True)
class Task:
    """A file to parse: the place it is kept under, its path as users see it, its path on disk.

    With `embed` the child embeds too: for files of which no vectors can be known yet.
    """

    place: str
    source: str
    path: Path
    embed: bool = False


@dataclass(slots=True)
class _Run:
    """One call of `parse`."""

    tasks: Iterator[Task]
    results: deque[tuple[str, bytes | Parsed]] = field(default_factory=deque)
    unread: int = 0
    open: int = 0
    exhausted: bool = False


@dataclass(slots=True)
class _Job:
    """An order to a child: a file of a run, or texts to embed for a future."""

    payload: object
    place: str = ""
    run: _Run | None = None
    vectors: "Future[bytes]" = field(default_factory=Future)
    tries: int = 0


class Pool:
    """`settings.workers` children, warm from the start. Close it, or use it in a `with`."""

    def __init__(self, settings: Settings) -> None:
        self._options = Options.of(settings)
        self._state = threading.Condition()
        self._jobs: deque[_Job] = deque()  # texts to embed, and files to try again
        self._run: _Run | None = None
        self._children: set[Child] = set()
        self._deaths = 0
        self._closed = False
        self._broken: ConfigError | None = None
        drivers = [threading.Thread(target=self._drive, daemon=True) for _ in range(settings.workers)]
        self._threads = [*drivers, threading.Thread(target=self._watch, daemon=True)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; what they were doing is lost."""
        with self._state:
            self._closed = True
            self._state.notify_all()
            for child in self._children:
                child.kill()
        for thread in self._threads:
            thread.join()

    def parse(self, tasks: Iterable[Task]) -> Iterator[Parsed]:
        """Each task's result as it is ready, in no order. Tasks are taken one by one as children are free.

        One run at a time. A file that crashes or stalls its child comes back with `error`.
        """
        run = _Run(iter(tasks))
        with self._state:
            self._run = run
            self._state.notify_all()
        try:
            while (result := self._next_result(run)) is not None:
                yield _unpacked(*result)
        finally:
            run.exhausted = True

    def embed(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text. May be called while a run is under way: it goes first."""
        jobs = [_Job(("embed", list(texts[i : i + BATCH]))) for i in range(0, len(texts), BATCH)]
        with self._state:
            self._check()
            self._jobs.extend(jobs)
            self._state.notify_all()
        found = [wire.unpack_vectors(job.vectors.result()) for job in jobs]
        return np.concatenate(found) if found else np.empty((0, 0), np.float16)

    def _next_result(self, run: _Run) -> tuple[str, bytes | Parsed] | None:
        with self._state:
            while not run.results:
                self._check()
                if run.exhausted and not run.open:
                    return None
                self._state.wait()
            place, result = run.results.popleft()
            run.unread -= len(result) if isinstance(result, bytes) else 0
            self._state.notify_all()
            return place, result

    def _check(self) -> None:
        if self._closed:
            raise BackendError("the pool is closed")
        if self._broken:
            raise self._broken

    def _take(self, *, ahead: bool) -> _Job | None:
        """The next job, waited for unless `ahead`; None when there is none."""
        with self._state:
            while not self._closed:
                # Texts are more than a pipe holds: given ahead, they would block both sides.
                if self._jobs and not (ahead and self._jobs[0].run is None):
                    return self._jobs.popleft()
                if not self._jobs and (job := self._next_file()):
                    return job
                if ahead:
                    return None
                self._state.wait()
            return None

    def _next_file(self) -> _Job | None:
        run = self._run
        if run is None or run.exhausted or run.unread > UNREAD_BYTES:
            return None
        task = next(run.tasks, None)
        if task is None:
            run.exhausted = True
            self._state.notify_all()
            return None
        run.open += 1
        order = ("parse", (task.place, task.source, str(task.path), task.embed))
        return _Job(order, task.place, run)

    def _drive(self) -> None:
        """Keep one child at work."""
        sent: deque[_Job] = deque()
        try:
            child = self._start()
            while (job := self._take(ahead=bool(sent))) or sent:
                try:
                    if job:
                        sent.append(job)
                        child.order(job.payload)
                        if job.run and len(sent) < AHEAD:
                            continue
                    result = child.receive()
                except ChildDied:
                    self._mourn(child, sent)
                    child = self._start()
                    continue
                self._deaths = 0
                self._finish(sent.popleft(), result)
                if not sent:
                    child.rest()
        except ConfigError as error:
            with self._state:
                self._broken = error
                self._fail_all(error, sent)
        else:
            child.end()

    def _start(self) -> Child:
        child = Child()
        with self._state:
            self._children.add(child)
            if self._closed:
                child.kill()
        child.greet(self._options)
        return child

    def _watch(self) -> None:
        limit = self._options.parse_seconds + GRACE_SECONDS
        with self._state:
            while not self._closed:
                for child in self._children:
                    child.kill_if_late(limit)
                self._state.wait(timeout=1)

    def _mourn(self, child: Child, sent: deque[_Job]) -> None:
        """The first order killed it: try that once more, then report it; the others are innocent."""
        child.end()
        with self._state:
            self._children.discard(child)
            self._deaths += 1
            if self._deaths > MOST_DEATHS:
                raise ConfigError("worker processes die one after another", hint="kb doctor checks")
            culprit = sent.popleft()
            culprit.tries += 1
            self._jobs.extendleft(reversed(sent))
            sent.clear()
            if culprit.tries < TRIES and not child.late:
                self._jobs.appendleft(culprit)
        if culprit.tries >= TRIES or child.late:
            self._finish(culprit, _crash(culprit.place, self._options.parse_seconds if child.late else 0))

    def _finish(self, job: _Job, result: bytes | Parsed) -> None:
        run = job.run
        if run is None:
            if isinstance(result, bytes):
                job.vectors.set_result(result)
            else:
                job.vectors.set_exception(BackendError(f"embedding failed: {result.error}"))
            return
        with self._state:
            run.open -= 1
            run.results.append((job.place, result))
            run.unread += len(result) if isinstance(result, bytes) else 0
            self._state.notify_all()

    def _fail_all(self, error: ConfigError, sent: Iterable[_Job]) -> None:
        for job in [*sent, *self._jobs]:
            if job.run is None:
                job.vectors.set_exception(error)
        self._jobs.clear()
        self._state.notify_all()


def _crash(place: str, seconds: int) -> Parsed:
    if seconds:
        said = f"parsing it takes longer than {seconds} s"
        return Parsed(place, error=said, state="too large", hint="raise KB_PARSE_SECONDS, or divide it")
    hint = "open it in its own program and save it anew"
    return Parsed(place, error="the parser crashed", state="damaged", hint=hint)


def _unpacked(place: str, result: bytes | Parsed) -> Parsed:
    if isinstance(result, Parsed):
        return result
    try:
        return wire.unpack(result)
    except (pickle.UnpicklingError, ValueError, TypeError, KeyError, EOFError, AttributeError):
        return _crash(place, 0)  # what it sent is not what a child of ours sends
