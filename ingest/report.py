"""What an ingest did, or would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.planning.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that answers will not come from, why, and what to do."""

    source: str
    state: str
    error: str
    hint: str = ""


@dataclass(slots=True)
class Report:
    """Counts and, where somebody must act, names. `seconds` and `bytes` are of the files read.

    `rights` and `facts` name documents whose groups, or whose owner, validity, priority or collection
    changed. `left` says where something of removed documents was still found; it must be empty.
    `copies` are files that hold the same bytes as another one; each is counted above as well.
    `archives` were opened: their members are counted, they are not. `hidden` and `links` were passed over
    and are counted nowhere else. `estimate` is what a dry run says of the cost. `state` is what the source
    wants back the next time.
    """

    collection: str
    dry_run: bool = False
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    archives: int = 0
    hidden: int = 0
    links: int = 0
    chunks: int = 0
    bytes: int = 0
    seconds: float = 0.0
    estimate: Estimate | None = None
    state: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in files and bytes."""

    files: int
    total_files: int
    bytes: int
    total_bytes: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return self.bytes / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float:
        """Seconds left at this rate."""
        return (self.total_bytes - self.bytes) / self.rate if self.rate else 0.0
