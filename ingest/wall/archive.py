"""Zip archives among the files of a walk: each is replaced by its members. A child reads the directories."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

from ingest.options import Options
from ingest.sources import Seen, Unseen, Walked
from ingest.wall import frame
from ingest.wall.child import Child, ChildDied
from ingest.wall.driver import GRACE_SECONDS
from ingest.wall.frame import Frame, require
from ingest.wall.members import Member, Refused, flaw_of, is_archive
from ingest.wall.opening import open_file
from ingest.wall.orders import CAN_PASS
from ingest.wall.zipped import MOST_ENTRIES
from rag.errors import UnreadableFile

_INSIDE = "!"  # between the place of an archive and that of a member

Listing = tuple[list[Member], list[Refused]]


def expand(walked: Walked, options: Options) -> Walked:
    """The walk with the members of its zips in place of them.

    A member's place is `ARCHIVE!/PATH`, its source `ARCHIVE/PATH`, its time the archive's; its etag says its
    checksum and size. Archives of other kinds, and what of a zip is refused, are told one by one as
    unreadable. Files that are not on this machine yet stay as they are.
    """
    files: list[Seen] = []
    unreadable = list(walked.unreadable)
    taken = {file.place for file in walked.files}
    with _Lister(options) as lister:
        for file in walked.files:
            if file.path is None or file.member or not is_archive(file.source):
                files.append(file)
                continue
            members, refused = _members(file, lister)
            files += [member for member in members if member.place not in taken]
            unreadable += refused
    return replace(walked, files=tuple(files), unreadable=tuple(unreadable))


def archive_place(archive: Seen) -> str:
    """The place of all that is in an archive."""
    return archive.place + _INSIDE


def _members(archive: Seen, lister: "_Lister") -> tuple[list[Seen], list[Unseen]]:
    if not archive.source.lower().endswith(".zip"):
        said = "an archive of a kind that kb does not open"
        return [], [_unseen(archive, said, "unpack it, or pack it as a zip")]
    try:
        members, refused = lister.members(archive)
    except UnreadableFile as error:
        return [], [_unseen(archive, str(error), error.hint)]
    found = [
        replace(
            archive,
            place=f"{archive.place}{_INSIDE}/{member.name}",
            source=f"{archive.source}/{member.name}",
            size=member.size,
            etag=f"crc32:{member.crc:08x}-{member.size}",
            member=member.name,
        )
        for member in members
    ]
    return found, [
        Unseen(f"{archive.place}{_INSIDE}/{one.name}", f"{archive.source}/{one.name}", one.error, one.hint)
        for one in refused
    ]


def _unseen(archive: Seen, said: str, hint: str) -> Unseen:
    """Of the archive as a whole: nothing is known of its members, so none of them counts as gone."""
    return Unseen(archive_place(archive), archive.source, said, hint)


class _Lister:
    """A child that reads directories of archives; it is started for the first one."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def members(self, archive: Seen) -> Listing:
        """What is in it. `UnreadableFile` when nothing can be said."""
        assert archive.path is not None
        descriptor = open_file(archive.path) if CAN_PASS else None
        order = frame.pack({"do": "list", "path": "" if CAN_PASS else str(archive.path)})
        child = self._started()
        late = threading.Timer(self._options.parse_seconds + GRACE_SECONDS, child.give_up)
        late.start()
        try:
            child.order(order, descriptor)
            return child.receive(listing)
        except ChildDied as error:
            self._end()
            raise UnreadableFile("reading its directory fails", hint="unpack it into a folder") from error
        finally:
            late.cancel()
            if descriptor is not None:
                os.close(descriptor)

    def _started(self) -> Child:
        if self._child is None:
            self._child = Child()
            self._child.greet(self._options)
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def pack_listing(members: list[Member], refused: list[Refused]) -> bytes:
    """The frame of a listing."""
    texts = [text for one in refused for text in (one.name, one.error, one.hint)]
    numbers = b"".join(
        member.size.to_bytes(8, "little") + member.crc.to_bytes(8, "little") for member in members
    )
    names = frame.of_texts(member.name for member in members)
    return frame.pack({"error": "", "hint": ""}, [*names, numbers, *frame.of_texts(texts)])


def listing(found: Frame) -> Listing:
    """The inverse of `pack_listing`. `Malformed` for anything that no archive of ours has."""
    error, hint = found.header.get("error"), found.header.get("hint")
    require(isinstance(error, str) and isinstance(hint, str), "no word on errors")
    if error:
        raise UnreadableFile(str(error), hint=str(hint))
    names = found.texts()
    numbers = found.numbers("<i8", 2).tolist()
    texts = found.texts()
    require(len(names) == len(numbers) and len(texts) % 3 == 0, "a listing that does not add up")
    require(len(names) + len(texts) // 3 <= MOST_ENTRIES, "too many entries")
    require(len(set(names)) == len(names) and not any(map(flaw_of, names)), "names that are none")
    members = [Member(name, size, crc) for name, (size, crc) in zip(names, numbers, strict=True)]
    return members, list(_refused(texts))


def _refused(texts: list[str]) -> Iterator[Refused]:
    for i in range(0, len(texts), 3):
        yield Refused(*texts[i : i + 3])
