"""Keeps answers without making anybody wait: one thread groups them into commits."""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rag.catalog import Catalog, answers
from rag.catalog.answers import Given
from rag.errors import KBError
from rag.types import Answer, Question

_GROUP_SECONDS = 0.01
_WAITING = 1_000  # answers; beyond that new ones are dropped rather than slowing replies
_LEAVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """An answer and the (version, document) pairs it shows."""

    tenant: str
    given: Given
    sources: Sequence[tuple[str, str]]


def to_record(question: Question, answer: Answer) -> Record:
    """What is kept of an answer: itself, and every version whose text it shows."""
    shown = [(c.version, c.document) for c in answer.citations]
    shown += [(hit.version, hit.document) for hit in answer.nearest]
    given = Given(
        id=answer.trace_id,
        conversation=question.conversation or "",
        asked=time.time(),
        question=question.text,
        status=answer.status,
        body=asdict(answer),
    )
    return Record(question.principal.tenant, given, shown)


class Recorder:
    """`put` returns at once; `close` waits until all is stored. `lost` counts what could not be."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._queue: queue.Queue[Record | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self.lost = 0

    def put(self, record: Record) -> None:
        """Keep an answer soon."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
            self._thread.start()
        try:
            self._queue.put_nowait(record)
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Store what waits and stop."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_LEAVE_SECONDS)
            self._thread = None

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group, ended = self._group(first)
            try:
                with self._catalog.write() as connection:
                    for record in group:
                        answers.record(connection, record.tenant, record.given, record.sources)
            except KBError:
                self.lost += len(group)  # a full disk or a read-only folder must not stop answers
            if ended:
                return

    def _group(self, first: Record) -> tuple[list[Record], bool]:
        """What arrives within a moment of the first, and whether the end was among it."""
        group, until = [first], time.monotonic() + _GROUP_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                record = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if record is None:
                return group, True
            group.append(record)
        return group, False
