"""Sources: where files come from, one file each. `folder` is the first."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a source sees it.

    `place` names it for ever (an absolute path without links); `source` is how people know it: the
    path relative to what was ingested, with forward slashes. `mtime` is in nanoseconds.
    """

    place: str
    source: str
    path: Path
    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """A file or folder that is there and cannot be looked at; nothing is known of what is below it."""

    place: str
    source: str
    error: str
    hint: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a source holds: all of it is below `root`, which is a place too."""

    root: Path
    files: tuple[Seen, ...]
    unreadable: tuple[Unseen, ...] = ()
