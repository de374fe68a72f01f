"""The parent's hold on one warm child."""

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import rag
from ingest import worker
from ingest.options import Options
from rag.errors import ConfigError

MOST_BYTES = 1 << 30  # of one result
_KEPT = "PATH HOME XDG_CACHE_HOME LANG LANGUAGE TZ TMPDIR TEMP TMP SYSTEMROOT LD_LIBRARY_PATH".split()
_START = "from ingest.worker import main; main()"


class ChildDied(Exception):
    """The child ended, was killed, or answered with what is no frame."""


class Child:
    """A process that takes one order at a time, or a second one ahead."""

    def __init__(self) -> None:
        self.late = False
        self.busy_since: float | None = None
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and code
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(os.environ),
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        )

    def greet(self, options: Options) -> None:
        """Wait until it is ready. `ConfigError` when it does not become so."""
        try:
            worker.send(self._stdin, pickle.dumps(options))
            if self.receive() == worker.READY:
                return
        except (ChildDied, OSError):
            self.end()
        raise ConfigError(
            "a worker process does not start", hint="its own message stands above; kb doctor checks"
        )

    def order(self, order: object) -> None:
        """Send an order, a kind and what it is about; its result is to be received."""
        if self.busy_since is None:
            self.busy_since = time.monotonic()
        try:
            worker.send(self._stdin, pickle.dumps(order, protocol=5))
        except OSError as error:
            raise ChildDied from error

    def receive(self) -> bytes:
        """The next result, waited for."""
        length = int.from_bytes(self._exactly(8), "little")
        if length > MOST_BYTES:
            raise ChildDied
        data = self._exactly(length)
        self.busy_since = time.monotonic()
        return data

    def rest(self) -> None:
        """It has no order left."""
        self.busy_since = None

    def kill_if_late(self, seconds: float) -> None:
        """End it when its present order takes longer than that."""
        since = self.busy_since
        if since is not None and time.monotonic() - since > seconds:
            self.late = True
            self.kill()

    def kill(self) -> None:
        """Make it end; whoever waits for its result learns of it."""
        self._process.kill()

    def end(self) -> None:
        """End it at once, and leave nothing behind."""
        self._process.kill()
        self._process.wait()
        for stream in (self._stdin, self._stdout):
            with suppress(OSError):
                stream.close()

    def _exactly(self, length: int) -> bytes:
        try:
            data = self._stdout.read(length)
        except (OSError, ValueError) as error:
            raise ChildDied from error
        if len(data) < length:
            raise ChildDied
        return data

    @property
    def _stdin(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdin)  # a pipe, as asked for

    @property
    def _stdout(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdout)


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """What a child may know: where things are, and none of our secrets."""
    kept = {name: value for name, value in own.items() if name in _KEPT or name.startswith("LC_")}
    root = str(Path(rag.__file__).parent.parent)
    places = [root, *own.get("PYTHONPATH", "").split(os.pathsep)]
    return kept | {
        "PYTHONPATH": os.pathsep.join(place for place in places if place),
        "KB_PLUGINS": own.get("KB_PLUGINS", "on"),
        "OPENBLAS_NUM_THREADS": "1",  # as many children as cores: more threads only cost memory
        "TOKENIZERS_PARALLELISM": "false",
    }
