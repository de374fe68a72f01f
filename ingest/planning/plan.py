"""What an ingest will do, decided before anything is done."""

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from ingest.sources import Seen, Walked
from ingest.wall.opening import open_file
from rag.catalog.documents import Known
from rag.errors import UnreadableFile

# A file written in the same moment as it was last read may change without its time changing.
_RACY = 2_000_000_000
_TELLING = 8  # characters; a shorter etag may number the states of one file only
# What the bytes alone decide: reading them again with the same parser ends the same.
FINAL = frozenset({"password needed", "ocr needed", "empty", "unsupported", "damaged"})


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
    parser: Callable[[Seen], str],
    origin: str = "",
    final: Collection[str] = FINAL,
) -> Plan:
    """Compare a source with the catalog. Reads only files whose size or time differ, and no etag tells.

    `origin` is the source's name, empty for a folder that is named on the command line. Of two
    documents at one place the later one in `known` is the file's. Files in a state of `final` are not
    tried again while they are the same.
    """
    plan = Plan()
    by_place = {document.place: document for document in known}
    plan.missing = _missing(walked, known, by_place, origin)
    gone = _by_size([*plan.missing, *([] if origin else _gone_elsewhere(known, walked.root))])
    moved: set[str] = set()
    for file in walked.files:
        document = by_place.get(file.place)
        if document is not None:
            _compare(plan, document, _as_known(document, file), parser(file), final)
        elif not supported(file.source):
            plan.skipped.append(file)
        elif (before := _moved_from(file, gone)) is not None:
            plan.moved.append((before, _as_known(before, file)))
            gone[file.size].remove(before)
            moved.add(before.id)
        else:
            plan.new.append(file)
    plan.missing = [document for document in plan.missing if document.id not in moved]
    return plan


def content_hash(path: Path | None) -> bytes:
    """SHA-256 of the file; empty bytes when it cannot be read, or is not on this machine yet."""
    if path is None:
        return b""
    try:
        with os.fdopen(open_file(path), "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, UnreadableFile):
        return b""


def _missing(
    walked: Walked, known: Sequence[Known], by_place: Mapping[str, Known], origin: str
) -> list[Known]:
    """Documents of the same origin that are no longer there, as far as that could be seen."""
    present = {file.place for file in walked.files}
    return [
        document
        for document in known
        if document.origin == origin
        and not (document.place in present and by_place[document.place] is document)
        and (origin or is_below(document.place, walked.root))
        and not any(is_below(document.place, one.place) for one in walked.unreadable)
    ]


def _compare(plan: Plan, document: Known, file: Seen, parser: str, final: Collection[str]) -> None:
    is_same = document.parser == parser and _same_bytes(document, file)
    if not is_same or _is_unread(document, final):
        plan.changed.append((document, file))
    elif document.status in ("ok", "missing"):
        plan.unchanged.append((document, file))
    else:
        plan.failed.append((document, file))


def _is_unread(document: Known, final: Collection[str]) -> bool:
    """Whether another try may end better. `detail` outlives the status of a file that was missing."""
    if document.status == "ok":
        return document.current is None
    if document.status == "missing":
        return document.current is None or bool(document.detail)
    # Without a hash the bytes were never seen whole: no right to read them, or the parser died.
    return document.status not in final or not document.content_hash


def _as_known(document: Known, file: Seen) -> Seen:
    """The file under the widest name it has had: relative to the folder that was ingested first."""
    if document.origin:
        return file
    place, old = _as_path(file.place), _as_path(document.place)
    base = old.removesuffix("/" + document.source) + "/"
    if not old.endswith("/" + document.source) or not place.startswith(base):
        return file
    wide = place[len(base) :]
    return replace(file, source=wide) if len(wide) > len(file.source) else file


def _as_path(place: str) -> str:
    """A place with forward slashes; an archive counts as a folder."""
    return PurePath(place.replace("!/", "/")).as_posix()


def _same_bytes(document: Known, file: Seen) -> bool:
    if file.etag:
        return file.etag == document.etag
    if _same_stat(document, file):
        return True
    found = content_hash(file.path)
    return bool(found) and found == document.content_hash


def _same_stat(document: Known, file: Seen) -> bool:
    if not file.mtime:  # a source that knows no times
        return False
    settled = document.updated * 1e9 - file.mtime > _RACY or time.time_ns() - file.mtime > 3600e9
    return (document.size, document.mtime) == (file.size, file.mtime) and settled


def is_below(place: str, root: Path | str) -> bool:
    """Whether a place is `root` itself or in it; a folder, a URL or an archive."""
    base = str(root).rstrip("/" + os.sep)
    return place == str(root) or place.startswith((base + "/", base + os.sep, base + "!/"))


def _gone_elsewhere(known: Sequence[Known], root: Path | str) -> list[Known]:
    """Documents outside this source whose files are no longer there: they may have moved here."""
    return [d for d in known if not d.origin and not is_below(d.place, root) and _is_gone(d.place)]


def _is_gone(place: str) -> bool:
    """Surely gone: a place that may not be looked at is not, nor is what an archive may still hold."""
    try:
        os.lstat(place.partition("!/")[0])
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _by_size(gone: Iterable[Known]) -> dict[int, list[Known]]:
    found: dict[int, list[Known]] = {}
    for document in gone:
        found.setdefault(document.size, []).append(document)
    return found


def _moved_from(file: Seen, gone: Mapping[int, list[Known]]) -> Known | None:
    same_size = gone.get(file.size)
    if not same_size:
        return None
    if len(file.etag) >= _TELLING:
        return next((document for document in same_size if document.etag == file.etag), None)
    found = b"" if file.etag else content_hash(file.path)
    return next((document for document in same_size if found and document.content_hash == found), None)
