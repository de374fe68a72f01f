"""Sources: where files come from, one file each. `folder` is the first.

To add one, write `ingest/sources/NAME.py` with `connect(url, options) -> Source`; the scheme of the
URL is its name (`s3://...` is `s3.py`), or register a module under the entry-point group `kb.sources`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a source sees it.

    `place` names it for ever (an absolute path without links, or a URL); `source` is how people know
    it: the path relative to what was ingested, with forward slashes. `mtime` is in nanoseconds.
    `path` is where its bytes lie on this machine, None until `Source.fetch`. `etag` is what the source
    says of the bytes: equal etags, equal bytes; empty where only size and time are known. `groups`
    are the rights that the source gives it, None where it gives none. `member` names a file within
    the archive at `path`.
    """

    place: str
    source: str
    path: Path | None
    size: int
    mtime: int
    etag: str = ""
    groups: tuple[str, ...] | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A file or folder that is there and cannot be looked at; nothing is known of what is below it."""

    place: str
    source: str
    error: str
    hint: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a source holds: all of it is below `root`, which is a place too.

    A document below `root` that is neither among `files` nor below an `unreadable` one is gone.
    `state` is what the source wants to be given the next time, plain values. `hidden` and `links` count
    what was passed over: hidden files and folders (a folder once), links and devices.
    """

    root: Path | str
    files: tuple[Seen, ...]
    unreadable: tuple[Unseen, ...] = ()
    state: Mapping[str, object] = field(default_factory=dict)
    hidden: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """How a source is reached. `known` maps places to the etags of what the catalog holds already."""

    name: str
    spool: Path
    values: Mapping[str, str] = field(default_factory=dict)
    secret: SecretStr = field(default_factory=lambda: SecretStr(""))
    state: Mapping[str, object] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    private_hosts: frozenset[str] = frozenset()
    max_bytes: int = 64 << 20


class Source(Protocol):
    """Synchronous; used by one thread. Raises `BackendError` when it cannot be reached at all."""

    def walk(self) -> Walked:
        """Everything there is now, without reading what did not change."""
        ...

    def fetch(self, seen: Seen) -> Path:
        """The bytes of a file, in the spool folder. `UnreadableFile` when this one cannot be had."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
