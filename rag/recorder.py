"""Keeps answers without making anybody wait: one thread groups them into commits."""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from rag.catalog import Catalog, answers
from rag.catalog.answers import Given
from rag.errors import KBError
from rag.types import Answer, Question

_GROUP_SECONDS = 0.1  # nobody waits for it; at three hundred answers a second a group of thirty
_WAITING = 1_000  # answers; beyond that new ones are dropped rather than slowing replies
_LEAVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """An answer and what it answers."""

    question: Question
    answer: Answer
    asked: float

    def row(self) -> tuple[Given, list[tuple[str, str]]]:
        """What is kept: the answer itself, and the (version, document) of every text it shows."""
        answer = self.answer
        shown = [(c.version, c.document) for c in answer.citations]
        shown += [(hit.version, hit.document) for hit in answer.nearest]
        given = Given(
            id=answer.trace_id,
            conversation=self.question.conversation or "",
            asked=self.asked,
            question=self.question.text,
            status=answer.status,
            body=_plain(answer) | {"collection": self.question.collection},
        )
        return given, shown


def _plain(value: Any) -> Any:
    """A noun as JSON has it; several times as fast as `dataclasses.asdict`, which copies every leaf."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


class Recorder:
    """`put` returns at once; `close` waits until all is stored. `lost` counts what could not be."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._queue: queue.Queue[Record | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self.lost = 0

    def put(self, question: Question, answer: Answer) -> None:
        """Keep an answer soon."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
            self._thread.start()
        try:
            self._queue.put_nowait(Record(question, answer, time.time()))
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Store what waits and stop."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_LEAVE_SECONDS)
            self._thread = None

    def _work(self) -> None:
        is_open = True
        while is_open and (first := self._queue.get()) is not None:
            time.sleep(_GROUP_SECONDS)
            group, is_open = self._drain([first])
            try:
                self._store(group)
            except KBError:
                self.lost += len(group)  # a full disk or a read-only folder must not stop answers

    def _drain(self, group: list[Record]) -> tuple[list[Record], bool]:
        """What has arrived meanwhile, and whether more may come."""
        while True:
            try:
                record = self._queue.get_nowait()
            except queue.Empty:
                return group, True
            if record is None:
                return group, False
            group.append(record)

    def _store(self, group: Sequence[Record]) -> None:
        by_tenant: dict[str, list[tuple[Given, list[tuple[str, str]]]]] = {}
        for record in group:
            by_tenant.setdefault(record.question.principal.tenant, []).append(record.row())
        with self._catalog.write() as connection:
            for tenant, rows in by_tenant.items():
                answers.record(connection, tenant, rows)
