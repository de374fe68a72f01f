"""The run's hold on one warm child."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import rag
from ingest.options import Options
from ingest.wall import frame
from ingest.wall.frame import Frame, Malformed
from ingest.wall.orders import Sender
from rag.errors import ConfigError

_KEPT = "PATH HOME XDG_CACHE_HOME LANG LANGUAGE TZ TMPDIR TEMP TMP SYSTEMROOT LD_LIBRARY_PATH".split()
_START = "from ingest.wall.worker import main; main()"
# Who dies holding so much of its memory, and more than every child holds, died of it.
_MUCH, _ORDINARY = 0.4, 200 << 20

_IS_POSIX = hasattr(os, "wait4")
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which the system counts peaks of memory

Result = TypeVar("Result")


class ChildDied(Exception):
    """The child ended, was killed, or answered with what is no frame of ours."""


@dataclass(frozen=True, slots=True)
class End:
    """How a child ended, and how long it was at its last order.

    `late`: it or the system gave up waiting. `bloated`: it died of the memory it took. `killed`: it did not
    end by itself; a system that lacks memory ends whom it likes.
    """

    late: bool
    bloated: bool
    killed: bool
    seconds: float


class Child:
    """A process that takes one order at a time, or a second one ahead."""

    def __init__(self) -> None:
        self._late = False
        self._most = 0  # bytes it may hold
        self._busy_since: float | None = None
        self._orders = Sender()
        self._inherited = _peak()
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and code
            [sys.executable, "-c", _START],
            stdin=self._orders.theirs,
            stdout=subprocess.PIPE,
            env=environment(os.environ),
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        )
        self._orders.bind(self._process)

    @property
    def id(self) -> int:
        """Its process id."""
        return self._process.pid

    def greet(self, options: Options) -> None:
        """Wait until it is ready. `ConfigError` when it does not become so."""
        self._most = options.parse_mb << 20
        try:
            self._orders.send(frame.pack(asdict(options)))
            if self.receive(lambda found: found.header) == {"ready": True}:
                self.rest()
                return
        except (ChildDied, OSError):
            self.end()
        raise ConfigError(
            "a worker process does not start", hint="its own message stands above; kb doctor checks"
        )

    def order(self, data: bytes, descriptor: int | None = None) -> None:
        """Send a frame and the file it is about; the result is to be received."""
        if self._busy_since is None:
            self._busy_since = time.monotonic()
        try:
            self._orders.send(data, descriptor)
        except OSError as error:
            raise ChildDied from error

    def receive(self, judge: Callable[[Frame], Result]) -> Result:
        """The next result, waited for, as `judge` makes it of its frame."""
        try:
            found = frame.read(self._take)
            if found is None:
                raise ChildDied
            result = judge(found)
        except Malformed as error:
            raise ChildDied from error  # whoever sends that is no longer ours
        self._busy_since = time.monotonic()
        return result

    def rest(self) -> None:
        """It has no order left."""
        self._busy_since = None

    def seconds(self) -> float:
        """How long it has been at its present order; 0 when it has none."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def give_up(self) -> None:
        """End it because it is late; whoever waits for its result learns of it."""
        self._late = True
        self.kill()

    def kill(self) -> None:
        """Make it end."""
        if not _IS_POSIX:
            self._process.kill()
        elif self._process.returncode is None:  # Popen's own would wait for it, and what it used were lost
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def end(self) -> End:
        """End it at once, and leave nothing behind."""
        seconds = self.seconds()
        self.kill()
        peak = self._reaped()
        self._orders.close()
        with suppress(OSError):
            self._results.close()
        code = self._process.returncode
        out_of_time = code == -getattr(signal, "SIGXCPU", 0)
        killed = not self._late and code == -getattr(signal, "SIGKILL", 0)
        bloated = max(self._most * _MUCH, _ORDINARY, self._inherited * 1.1) < peak
        return End(self._late or out_of_time, bloated, killed, seconds)

    def _reaped(self) -> int:
        """Wait for its end; returns the most bytes it ever held, 0 where the system does not say."""
        if not _IS_POSIX or self._process.returncode is not None:
            self._process.wait()
            return 0
        try:
            _, status, used = os.wait4(self._process.pid, 0)
        except ChildProcessError:  # somebody else waited for it
            return 0
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_maxrss * _UNIT

    def _take(self, size: int) -> bytes:
        try:
            return self._results.read(size)
        except (OSError, ValueError) as error:
            raise ChildDied from error

    @property
    def _results(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdout)  # a pipe, as asked for


def _peak() -> int:
    """The most bytes that this process ever held. A child counts them as its own: it begins as a copy."""
    if not _IS_POSIX:
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """What a child may know: where things are, and none of our secrets."""
    kept = {name: value for name, value in own.items() if name in _KEPT or name.startswith("LC_")}
    root = str(Path(rag.__file__).parent.parent)
    places = [root, *own.get("PYTHONPATH", "").split(os.pathsep)]
    return kept | {
        "PYTHONPATH": os.pathsep.join(place for place in places if place),
        "KB_PLUGINS": own.get("KB_PLUGINS", "on"),
        "MALLOC_ARENA_MAX": "2",  # each arena takes 64 MB of the address space, which is bounded
        "OPENBLAS_NUM_THREADS": "1",  # as many children as cores: more threads only cost memory
        "TOKENIZERS_PARALLELISM": "false",
    }
