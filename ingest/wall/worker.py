"""The warm child: reads, parses and embeds what its parent sends, one order after another.

It runs apart because a hostile file may crash, hang or bloat whatever reads it, and behind walls
(`ingest/wall/confine.py`) because it may do worse. Orders come on standard input, results leave on standard
output; the end of the input, which the parent's death brings too, ends it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from ingest.load import TOO_MUCH_MEMORY, parse
from ingest.options import Options
from ingest.types import Parsed
from ingest.wall import frame, wire
from ingest.wall.archive import pack_listing
from ingest.wall.confine import Walls
from ingest.wall.frame import Frame, Malformed
from ingest.wall.members import Archive
from ingest.wall.opening import open_file
from ingest.wall.orders import Receiver
from rag.embedders import Embedder
from rag.errors import UnreadableFile
from rag.plugins import load
from rag.settings import Settings

MOST_TEXTS = 256  # more are embedded by orders of their own: a slow model is not a slow parser
GRACE_SECONDS = 5  # of processor time, after which the system ends a parser that cannot be interrupted


def main() -> None:
    """Serve orders until the input ends."""
    orders, results = Receiver(), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the results
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silence = os.open(os.devnull, os.O_WRONLY)
    if (first := frame.read(orders.take)) is None:
        return  # the parent died before it said what it wants
    options = _options(first.header)
    worker = _Worker(options)
    _send(results, frame.pack({"ready": True}))
    os.dup2(silence, 1)  # from here on the result says all; parsers' warnings help nobody
    os.dup2(silence, 2)
    while (order := frame.read(orders.take)) is not None:
        _send(results, worker.answer(order, orders.descriptor))


def _send(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
    stream.flush()


def _options(header: dict[str, Any]) -> Options:
    return Options(**header | {"passwords": tuple(header["passwords"])})


class _Worker:
    """Answers orders behind walls."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._walls = Walls(options.parse_mb)
        self._walls.raise_all(_models(options))
        self._archive: tuple[object, Archive] = (None, cast("Archive", None))

    def answer(self, order: Frame, descriptor: Callable[[], int | None]) -> bytes:
        """The frame of the result."""
        header = order.header
        if header["do"] == "embed":
            return wire.pack_vectors(_embedder(self._options).passages(order.texts()))
        opened = descriptor()
        with os.fdopen(open_file(Path(header["path"])) if opened is None else opened, "rb") as file:
            return self._list(file) if header["do"] == "list" else self._parse(header, file)

    def _list(self, file: BinaryIO) -> bytes:
        try:
            with self._walls.around_file(self._options.parse_seconds + GRACE_SECONDS):
                archive = Archive(file, self._options.max_file_mb << 20)
                return pack_listing(archive.members, archive.refused)
        except UnreadableFile as error:
            return frame.pack({"error": str(error), "hint": error.hint})
        except (MemoryError, Malformed, OSError):
            return frame.pack({"error": TOO_MUCH_MEMORY, "hint": "unpack it into a folder"})

    def _parse(self, order: dict[str, Any], file: BinaryIO) -> bytes:
        place, options, limit = order["place"], self._options, self._options.max_file_mb << 20
        started = time.monotonic()
        try:
            with self._walls.around_file(options.parse_seconds + GRACE_SECONDS):
                data = self._member(file, order["member"]) if order["member"] else read(file, limit)
                parsed = parse(
                    place, order["source"], data, options, language=order["language"], title=order["title"]
                )
        except UnreadableFile as error:
            parsed = Parsed(place, error=str(error), state=error.state, hint=error.hint)
        except OSError as error:
            said = f"cannot be read: {error.strerror or error}"
            parsed = Parsed(place, error=said, state="damaged", hint="look whether its disk is sound")
        except MemoryError:
            parsed = Parsed(place, error=TOO_MUCH_MEMORY, state="too large", hint="divide the file")
        # Time for embedding is left only where parsing was quick.
        is_quick = (time.monotonic() - started) * 2 < options.parse_seconds
        if order["embed"] and is_quick and not parsed.error and len(parsed.embed) <= MOST_TEXTS:
            parsed = replace(parsed, vectors=_embedder(options).passages(parsed.embed), embed=())
        try:
            return wire.pack(parsed)
        except (Malformed, OverflowError):
            said = "it holds too much text"
            return wire.pack(Parsed(place, error=said, state="too large", hint="divide the file"))

    def _member(self, file: BinaryIO, name: str) -> bytes:
        """From the archive, which is kept open for its other members: its directory is read once."""
        about = os.fstat(file.fileno())
        identity = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
        if identity != self._archive[0]:
            inner = os.fdopen(os.dup(file.fileno()), "rb")
            self._archive = (identity, Archive(inner, self._options.max_file_mb << 20))
        return self._archive[1].read(name)


def read(file: BinaryIO, limit: int) -> bytes:
    """The bytes of a file; `UnreadableFile` when there are more than `limit`."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise UnreadableFile(
            f"larger than {limit >> 20} MB", state="too large", hint="raise KB_MAX_FILE_MB, or divide it"
        )
    return data


@cache
def _embedder(options: Options) -> Embedder:
    """Made when first needed, which a `Remote` one never is.

    Of defaults, not of the parent's settings: no secret is handed to a child.
    """
    name, _, rest = options.embedder.partition(":")
    settings = Settings.model_validate({"embedder": options.embedder})
    embedder: Embedder = load("embedders", name).connect(rest, settings)
    return embedder


def _models(options: Options) -> Iterator[Path]:
    """Where an embedder's files may lie: the cache of models, or what its name says."""
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kb/models"
    _, _, rest = options.embedder.partition(":")
    place = Path(rest.rpartition("@")[2]).expanduser().resolve()
    if rest and place.exists():
        yield from (place.parent.parent, place.parent) if place.is_file() else (place,)
