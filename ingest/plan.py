"""What an ingest will do, decided before anything is done."""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from ingest.sources import Seen, Walked
from rag.catalog.documents import Known

# A file written in the same moment as it was last read may change without its time changing.
_RACY = 2_000_000_000
# What the bytes alone decide: reading them again with the same parser ends the same.
_FINAL = frozenset({"password needed", "ocr needed", "empty", "unsupported", "damaged"})


@dataclass(slots=True)
class Plan:
    """Files by what happens to them. `known` sides are what the catalog has.

    `changed` and `moved` are read; so are files that failed for a reason that may have gone.
    """

    new: list[Seen] = field(default_factory=list)
    changed: list[tuple[Known, Seen]] = field(default_factory=list)
    moved: list[tuple[Known, Seen]] = field(default_factory=list)
    unchanged: list[tuple[Known, Seen]] = field(default_factory=list)
    failed: list[tuple[Known, Seen]] = field(default_factory=list)  # could not be read, and still the same
    missing: list[Known] = field(default_factory=list)
    skipped: list[Seen] = field(default_factory=list)  # no loader for such files


def make(
    walked: Walked,
    known: Sequence[Known],
    *,
    supported: Callable[[str], bool],
    parser: Callable[[str], str],
) -> Plan:
    """Compare a source with the catalog. Reads only files whose size or time differ."""
    plan = Plan()
    by_place = {document.place: document for document in known}
    present = {file.place for file in walked.files}
    plan.missing = [
        document
        for document in known
        if document.place not in present
        and is_below(document.place, walked.root)
        and not any(is_below(document.place, one.place) for one in walked.unreadable)
    ]
    gone = [*plan.missing, *_gone_elsewhere(known, walked.root)]
    for file in walked.files:
        document = by_place.get(file.place)
        if document is not None:
            _compare(plan, document, _as_known(document, file), parser(file.source))
        elif not supported(file.source):
            plan.skipped.append(file)
        elif (origin := _moved_from(file, gone)) is not None:
            plan.moved.append((origin, _as_known(origin, file)))
            gone.remove(origin)
        else:
            plan.new.append(file)
    plan.missing = [document for document in plan.missing if document in gone]
    return plan


def content_hash(path: Path | None) -> bytes:
    """SHA-256 of the file; empty bytes when it cannot be read, or is not on this machine yet."""
    if path is None:
        return b""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""


def _compare(plan: Plan, document: Known, file: Seen, parser: str) -> None:
    same_parser = document.parser == parser
    is_same = same_parser and (_same_stat(document, file) or content_hash(file.path) == document.content_hash)
    if not is_same or _is_unread(document):
        plan.changed.append((document, file))
    elif document.status in ("ok", "missing"):
        plan.unchanged.append((document, file))
    else:
        plan.failed.append((document, file))


def _is_unread(document: Known) -> bool:
    """Whether another try may end better. `detail` outlives the status of a file that was missing."""
    if document.status == "ok":
        return document.current is None
    if document.status == "missing":
        return document.current is None or bool(document.detail)
    # Without a hash the bytes were never seen whole: no right to read them, or the parser died.
    return document.status not in _FINAL or not document.content_hash


def _as_known(document: Known, file: Seen) -> Seen:
    """The file under the widest name it has had: relative to the folder that was ingested first."""
    place, old = PurePath(file.place).as_posix(), PurePath(document.place).as_posix()
    base = old.removesuffix("/" + document.source) + "/"
    if not old.endswith("/" + document.source) or not place.startswith(base):
        return file
    wide = place[len(base) :]
    return replace(file, source=wide) if len(wide) > len(file.source) else file


def _same_stat(document: Known, file: Seen) -> bool:
    settled = document.updated * 1e9 - file.mtime > _RACY or time.time_ns() - file.mtime > 3600e9
    return (document.size, document.mtime) == (file.size, file.mtime) and settled


def is_below(place: str, root: Path | str) -> bool:
    """Whether a place is `root` itself or in it."""
    return place == str(root) or place.startswith(str(root).rstrip(os.sep) + os.sep)


def _gone_elsewhere(known: Sequence[Known], root: Path | str) -> list[Known]:
    """Documents outside this source whose files are no longer there: they may have moved here."""
    return [d for d in known if not is_below(d.place, root) and _is_gone(d.place)]


def _is_gone(place: str) -> bool:
    """Surely gone: a place that may not be looked at is not."""
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _moved_from(file: Seen, gone: Sequence[Known]) -> Known | None:
    same_size = [document for document in gone if document.size == file.size]
    if not same_size:
        return None
    found = content_hash(file.path)
    return next((document for document in same_size if found and document.content_hash == found), None)
