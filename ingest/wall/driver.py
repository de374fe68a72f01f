"""A thread that keeps one child at work, and replaces it when it dies or has served long enough."""

import os
import threading
from collections import deque
from collections.abc import Callable

from ingest.options import Options
from ingest.types import Parsed
from ingest.wall import frame, wire
from ingest.wall.child import Child, ChildDied, End
from ingest.wall.frame import Frame, require
from ingest.wall.jobs import Job, Jobs, Task, Vectors
from ingest.wall.opening import open_file
from ingest.wall.orders import CAN_PASS
from rag.errors import ConfigError, UnreadableFile

AHEAD = 2  # orders given to a child at once, so that it need not wait for us
LIFE = 200  # files a child reads: what leaks in a parser, or gets hold of it, does not last
_HEIR_FROM = LIFE - 20  # the next one is started early enough to be warm
TRIES = 2  # a child may also be killed because the machine lacks memory
GRACE_SECONDS = 3  # a child notices most lateness itself; what it cannot interrupt is ended


class Driver:
    """One child and what it is doing. `run` is the thread; `kill` and `end_if_late` may come from others."""

    def __init__(self, jobs: Jobs, options: Options) -> None:
        self._jobs, self._options = jobs, options
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._killed = False
        self._heir: Child | None = None
        self._sent: deque[Job] = deque()
        self._served = 0

    @property
    def processes(self) -> list[int]:
        """Ids of its child and its child's heir."""
        with self._lock:
            return [child.id for child in self._children]

    def run(self) -> None:
        """Work until the queue is closed, or no child starts."""
        try:
            self._child = self._next_child()
            while self._turn():
                pass
        except ConfigError as error:
            self._jobs.break_down(error, self._sent)
        finally:
            for child in tuple(self._children):
                self._end(child)

    def kill(self) -> None:
        """End its children, present and future."""
        with self._lock:
            self._killed = True
            for child in self._children:
                child.kill()

    def end_if_late(self) -> float:
        """End a child that is late; returns in how many seconds to look again."""
        limit = self._options.parse_seconds + GRACE_SECONDS
        with self._lock:
            for child in self._children:
                if child.seconds() > limit:
                    child.give_up()
            return min([1.0, *(limit - child.seconds() for child in self._children)])

    def _turn(self) -> bool:
        """Send one order or receive one result. False when there is nothing more to do."""
        if self._served >= LIFE and not self._sent:
            self._replace()
        job = None
        if self._served + len(self._sent) < LIFE:
            job = self._jobs.take(ahead=bool(self._sent))
            if job is None and not self._sent:
                return False
        try:
            if job and (not self._send(job) or (job.run and len(self._sent) < AHEAD)):
                return True
            self._receive()
        except ChildDied:
            self._mourn()
        return True

    def _send(self, job: Job) -> bool:
        """False when its file cannot be opened, which is a result too."""
        if job.task is None:
            self._sent.append(job)
            self._child.order(frame.pack({"do": "embed"}, frame.of_texts(job.texts)))
            return True
        try:
            descriptor = _opened(job.task, self._options.max_file_mb << 20)
        except UnreadableFile as error:
            self._jobs.finish(job, _unread(job.task, error))
            return False
        self._sent.append(job)
        try:
            self._child.order(_order(job.task), descriptor)
        finally:
            if descriptor is not None:
                os.close(descriptor)
        return True

    def _receive(self) -> None:
        job = self._sent[0]
        if job.task is None:
            job.vectors.set_result(self._child.receive(_vectors(len(job.texts))))
            self._sent.popleft()
        else:
            result, weight = self._child.receive(_file(job.task.place))
            self._sent.popleft()
            self._served += 1
            self._jobs.finish(job, result, weight)
            if result.state == "too large":  # what it took may not all have been given back
                self._served = max(self._served, LIFE)
        if not self._sent:
            self._child.rest()
        if self._served == _HEIR_FROM:
            self._heir = self._born()

    def _replace(self) -> None:
        self._end(self._child)
        self._child = self._next_child()

    def _next_child(self) -> Child:
        child, self._heir = self._heir or self._born(), None
        child.greet(self._options)
        self._served = 0
        return child

    def _born(self) -> Child:
        child = Child()
        with self._lock:
            self._children.add(child)
            if self._killed:
                child.kill()
        return child

    def _end(self, child: Child) -> End:
        with self._lock:
            self._children.discard(child)
        return child.end()

    def _mourn(self) -> None:
        """The first order killed it: try that once more, then report it; the others are innocent."""
        end = self._end(self._child)
        culprit, *innocent = self._sent
        self._sent.clear()
        culprit.tries += 1
        is_quick = end.seconds * 2 < self._options.parse_seconds
        is_innocent = end.killed or not (end.late or end.bloated)
        if culprit.tries < TRIES and is_innocent and is_quick:
            innocent.insert(0, culprit)
        else:
            place = culprit.task.place if culprit.task else ""
            self._jobs.finish(culprit, _crash(place, end, self._options.parse_seconds))
        self._jobs.give_back(innocent)
        self._child = self._next_child()


def _opened(task: Task, most: int) -> int | None:
    """The file's descriptor; None where the child has to open it itself."""
    if not CAN_PASS:
        return None
    descriptor = open_file(task.path)
    if not task.member and os.fstat(descriptor).st_size > most:
        os.close(descriptor)
        raise UnreadableFile(
            f"larger than {most >> 20} MB", state="too large", hint="raise KB_MAX_FILE_MB, or divide it"
        )
    return descriptor


def _order(task: Task) -> bytes:
    return frame.pack(
        {
            "do": "parse",
            "place": task.place,
            "source": task.source,
            "path": "" if CAN_PASS else str(task.path),
            "embed": task.embed,
            "language": task.language,
            "title": task.title,
            "member": task.member,
        }
    )


def _file(place: str) -> Callable[[Frame], tuple[Parsed, int]]:
    def judge(found: Frame) -> tuple[Parsed, int]:
        weight = sum(found.sizes)
        result = wire.parsed(found)
        require(result.place == place, "another file's result")
        return result, weight

    return judge


def _vectors(count: int) -> Callable[[Frame], Vectors]:
    return lambda found: wire.vectors_of(found, count)


def _unread(task: Task, error: UnreadableFile) -> Parsed:
    return Parsed(task.place, error=str(error), state=error.state, hint=error.hint)


def _crash(place: str, end: End, seconds: int) -> Parsed:
    if end.late:
        said = f"parsing it takes longer than {seconds} s"
        return Parsed(place, error=said, state="too large", hint="raise KB_PARSE_SECONDS, or divide it")
    if end.bloated:
        said = "parsing it takes more memory than a worker may have"
        return Parsed(place, error=said, state="too large", hint="raise KB_PARSE_MB, or divide it")
    hint = "open it in its own program and save it anew"
    return Parsed(place, error="the parser crashed", state="damaged", hint=hint)
