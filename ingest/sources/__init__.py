"""Sources: where files come from, one file each. `folder` is the first."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a source sees it.

    `place` names it for ever (an absolute path); `source` is how people know it: the path relative
    to what was ingested, with forward slashes. `mtime` is in nanoseconds.
    """

    place: str
    source: str
    path: Path
    size: int
    mtime: int
