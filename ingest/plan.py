"""What an ingest will do, decided before anything is done."""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.sources import Seen
from rag.catalog.documents import Known

# A file written in the same moment as it was last read may change without its time changing.
_RACY = 2_000_000_000


@dataclass(slots=True)
class Plan:
    """Files by what happens to them. `known` sides are what the catalog has."""

    new: list[Seen] = field(default_factory=list)
    changed: list[tuple[Known, Seen]] = field(default_factory=list)
    moved: list[tuple[Known, Seen]] = field(default_factory=list)
    unchanged: list[tuple[Known, Seen]] = field(default_factory=list)
    failed: list[tuple[Known, Seen]] = field(default_factory=list)  # could not be read, and still the same
    missing: list[Known] = field(default_factory=list)
    skipped: list[Seen] = field(default_factory=list)  # no loader for such files


def make(
    seen: Sequence[Seen],
    known: Sequence[Known],
    root: Path,
    *,
    supported: Callable[[str], bool],
    parser: Callable[[str], str],
) -> Plan:
    """Compare a source with the catalog. Reads only files whose size or time differ."""
    plan = Plan()
    by_place = {document.place: document for document in known}
    present = {file.place for file in seen}
    plan.missing = [d for d in known if d.place not in present and _is_below(d.place, root)]
    gone = [*plan.missing, *_gone_elsewhere(known, root)]
    for file in seen:
        document = by_place.get(file.place)
        if document is not None:
            _compare(plan, document, file, parser(file.source))
        elif not supported(file.source):
            plan.skipped.append(file)
        elif (origin := _moved_from(file, gone)) is not None:
            plan.moved.append((origin, file))
            gone.remove(origin)
        else:
            plan.new.append(file)
    plan.missing = [document for document in plan.missing if document in gone]
    return plan


def content_hash(path: Path) -> bytes:
    """SHA-256 of the file; empty bytes when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""


def _compare(plan: Plan, document: Known, file: Seen, parser: str) -> None:
    same_parser = document.parser == parser
    is_same = same_parser and (_same_stat(document, file) or content_hash(file.path) == document.content_hash)
    if not is_same:
        plan.changed.append((document, file))
    elif document.status in ("ok", "missing"):
        plan.unchanged.append((document, file))
    else:
        plan.failed.append((document, file))


def _same_stat(document: Known, file: Seen) -> bool:
    settled = document.updated * 1e9 - file.mtime > _RACY or time.time_ns() - file.mtime > 3600e9
    return (document.size, document.mtime) == (file.size, file.mtime) and settled


def _is_below(place: str, root: Path) -> bool:
    return place == str(root) or place.startswith(str(root).rstrip(os.sep) + os.sep)


def _gone_elsewhere(known: Sequence[Known], root: Path) -> list[Known]:
    """Documents outside this source whose files are no longer there: they may have moved here."""
    return [d for d in known if not _is_below(d.place, root) and not os.path.exists(d.place)]


def _moved_from(file: Seen, gone: Sequence[Known]) -> Known | None:
    same_size = [document for document in gone if document.size == file.size]
    if not same_size:
        return None
    found = content_hash(file.path)
    return next((document for document in same_size if document.content_hash == found), None)
