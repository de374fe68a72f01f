"""A pool of warm children that parse and embed. What kills a child is reported, and the run goes on."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

import numpy as np

from ingest.options import Options
from ingest.types import Parsed
from ingest.wall.driver import Driver
from ingest.wall.jobs import Job, Jobs, Task, Vectors
from rag.settings import Settings

__all__ = ["Pool", "Task"]

BATCH = 256
_OFTEN = 0.05  # seconds; lateness is looked for no oftener


class Pool:
    """`settings.workers` children, warm from the start. Close it, or use it in a `with`."""

    def __init__(self, settings: Settings) -> None:
        options = Options.of(settings)
        self._jobs = Jobs()
        self._drivers = [Driver(self._jobs, options) for _ in range(settings.workers)]
        runs = [*(driver.run for driver in self._drivers), self._watch]
        self._threads = [threading.Thread(target=run, daemon=True) for run in runs]
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
        self._jobs.close()
        for driver in self._drivers:
            driver.kill()
        for thread in self._threads:
            thread.join()

    def parse(self, tasks: Iterable[Task]) -> Iterator[Parsed]:
        """Each task's result as it is ready, in no order. Tasks are taken one by one as children are free.

        One run at a time. A file that crashes or stalls its child comes back with `error`.
        """
        run = self._jobs.begin(tasks)
        try:
            while (result := self._jobs.next_result(run)) is not None:
                yield result
        finally:
            run.exhausted = True

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text. May be called while a run is under way: it goes first."""
        jobs = [Job(texts=texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        self._jobs.add(jobs)
        found = [job.vectors.result() for job in jobs]
        return np.concatenate(found) if found else np.empty((0, 0), np.float16)

    @property
    def processes(self) -> list[int]:
        """Ids of the children."""
        return [process for driver in self._drivers for process in driver.processes]

    def _watch(self) -> None:
        with self._jobs.changed:
            while not self._jobs.closed:
                soon = min(driver.end_if_late() for driver in self._drivers)
                self._jobs.changed.wait(timeout=max(soon, _OFTEN))
