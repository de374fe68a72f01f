"""The warm child: reads, parses and embeds what its parent names, one order after another.

It runs apart because a hostile file may crash, hang or bloat whatever reads it. Orders come on
standard input and results leave on standard output, each as its length and a pickle; the end of
the input, which the parent's death brings too, ends it.
"""

import os
import pickle
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import BinaryIO

from ingest import wire
from ingest.load import parse
from ingest.options import Options
from ingest.types import Parsed
from rag.embedders import Embedder
from rag.errors import UnreadableFile
from rag.plugins import load
from rag.settings import Settings

MEMORY = 2 << 30
READY = b"ready"
MOST_TEXTS = 256  # more are embedded by orders of their own: a slow model is not a slow parser


def main() -> None:
    """Serve orders until the input ends."""
    orders, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the results
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _confine()
    options: Options = pickle.loads(_frame(orders) or b"")  # noqa: S301  # the parent's word
    silence = os.open(os.devnull, os.O_WRONLY)
    send(results, READY)
    os.dup2(silence, 1)  # from here on the result says all; parsers' warnings help nobody
    os.dup2(silence, 2)
    while order := _frame(orders):
        kind, payload = pickle.loads(order)  # noqa: S301
        send(results, _WORK[kind](payload, options))


def send(stream: BinaryIO, data: bytes) -> None:
    """One frame: eight bytes of length, then the data."""
    stream.write(len(data).to_bytes(8, "little"))
    stream.write(data)
    stream.flush()


def _frame(stream: BinaryIO) -> bytes:
    return stream.read(int.from_bytes(stream.read(8), "little"))


def _parse(payload: tuple[str, str, str, bool], options: Options) -> bytes:
    place, source, path, embed = payload
    try:
        data = read(path, options.max_file_mb << 20)
    except UnreadableFile as error:
        return wire.pack(Parsed(place, error=str(error), state=error.state, hint=error.hint))
    parsed = parse(place, source, data, options)
    if embed and not parsed.error and len(parsed.embed) <= MOST_TEXTS:
        parsed = replace(parsed, vectors=_embedder(options).passages(parsed.embed), embed=())
    return wire.pack(parsed)


def _embed(payload: list[str], options: Options) -> bytes:
    return pickle.dumps(wire.pack_vectors(_embedder(options).passages(payload)), protocol=5)


_WORK: dict[str, Callable[..., bytes]] = {"parse": _parse, "embed": _embed}


def read(path: str, limit: int) -> bytes:
    """The bytes of a regular file; `UnreadableFile` for anything else, and for more than `limit` bytes."""
    # Without O_NONBLOCK, opening a pipe would wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UnreadableFile("not a regular file", hint="put the file itself there")
            data = file.read(limit + 1)
    except OSError as error:
        raise UnreadableFile(
            f"cannot be read: {error.strerror or error}", hint="give this user the right to read it"
        ) from error
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


def _confine() -> None:
    """Bounds that hold whatever a parser does, where the system has them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
