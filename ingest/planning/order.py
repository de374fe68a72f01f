"""What is asked of an ingest."""

from dataclasses import dataclass
from pathlib import Path

from ingest.sources import Source


@dataclass(frozen=True, slots=True)
class Order:
    """Bring `collection` up to date with the folder or file at `path`, or with a `source`.

    `groups` None leaves rights to folders' rules and sources, else as they are (new files: open to
    all). `sure` lets a prune remove a great part of the collection. `origin` is the name of the
    source; it and its documents belong together. `include` and `exclude` are patterns as in a
    `.gitignore`, of paths as users see them.
    """

    path: Path | None
    collection: str
    groups: tuple[str, ...] | None = None
    prune: bool = False
    dry_run: bool = False
    sure: bool = False
    source: Source | None = None
    origin: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What is read, in words."""
        return str(self.path) if self.path is not None else self.origin or "the source"
