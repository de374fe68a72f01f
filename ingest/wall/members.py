"""Looks into a zip of documents: its members by readable names, and what of it is refused and why.

Runs in a child. Nothing is inflated to list; declared sizes bound what `read` inflates, and it counts.
APPNOTE.TXT 6.3.10 is the format.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from ingest.wall.zipped import BROKEN, MOST_ENTRIES, MOST_RATIO, RATIO_FROM
from rag.errors import UnreadableFile

MOST_BYTES = 512 << 20  # of all members
MOST_NAME = 1_000
ARCHIVES = (
    ".zip .tar .tgz .gz .tbz .tbz2 .bz2 .txz .xz .zst .lz .lzma .7z .rar .jar .cab .iso .arj .lzh"
).split()
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_LOCAL_HEADER = 30  # bytes before the name
_UNICODE_NAME = 0x7075  # Info-ZIP's extra field
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")
_LOCKED, _IS_UTF8 = 0x1, 0x800
_SURE = 0.8  # of the characters must be common ones of the charset


@dataclass(frozen=True, slots=True)
class Member:
    """A document in an archive. `name` is its path there, with forward slashes."""

    name: str
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that is not read."""

    name: str
    error: str
    hint: str


class Archive:
    """An open zip. `UnreadableFile` when it is broken as a whole, or has too many entries."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except BROKEN as error:
            raise UnreadableFile(f"a broken archive: {error}", hint="pack it anew") from error
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        if len(entries) > MOST_ENTRIES:
            said = f"an archive of {len(entries)} files"
            raise UnreadableFile(said, state="too large", hint="unpack it into a folder")
        self.members: list[Member] = []
        self.refused: list[Refused] = []
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._sort(entries, most_bytes)

    def read(self, name: str) -> bytes:
        """The bytes of a member. `UnreadableFile` when they are damaged, or it is not there."""
        entry = self._entries.get(name)
        if entry is None:
            raise UnreadableFile("no such file in the archive", hint="run kb ingest again")
        try:
            with self._zip.open(entry) as part:
                data = part.read(entry.file_size + 1)
        except (*BROKEN, RuntimeError) as error:
            raise UnreadableFile(f"damaged in its archive: {error}", hint="pack it anew") from error
        if len(data) != entry.file_size:
            raise UnreadableFile("damaged in its archive: its size is wrong", hint="pack it anew")
        return data

    def _sort(self, entries: Sequence[zipfile.ZipInfo], most_bytes: int) -> None:
        overlapping = _overlapping(entries)
        total = 0
        for entry, name in zip(entries, _names(entries), strict=True):
            if _is_hidden(name):
                continue
            flaw = flaw_of(name) or _flaw(entry, most_bytes)
            if not flaw and entry.header_offset in overlapping:
                flaw = "it shares its bytes with another file", "pack the archive anew"
            if not flaw and name in self._entries:
                flaw = "its name is there twice", "rename one of them"
            if not flaw and total + entry.file_size > MOST_BYTES:
                flaw = f"the archive holds more than {MOST_BYTES >> 20} MB", "unpack it into a folder"
            if flaw:
                self.refused.append(Refused(shown(name), *flaw))
                continue
            total += entry.file_size
            self._entries[name] = entry
            self.members.append(Member(name, entry.file_size, entry.CRC))


def flaw_of(name: str) -> tuple[str, str] | None:
    """Why a name in an archive is refused, and what to do; None for a good one."""
    parts = name.split("/")
    if _CONTROL.search(name) or len(name) > MOST_NAME:
        return "its name has control characters, or no end", "rename it"
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or {"", ".", ".."} & set(parts):
        return "its name leads out of the archive", "pack the archive anew"
    if is_archive(name):
        return "an archive within an archive", "unpack the inner one"
    return None


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return PurePosixPath(name).suffix.lower() in ARCHIVES


def shown(name: str) -> str:
    """A name that can be printed and stored."""
    return _CONTROL.sub("\ufffd", name[:MOST_NAME]) or "(no name)"


def _flaw(entry: zipfile.ZipInfo, most_bytes: int) -> tuple[str, str] | None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "a link or a device, not a file", "put the file itself there"
    if entry.flag_bits & _LOCKED:
        return "it is protected by a password (password needed)", "pack it without one"
    if entry.compress_type not in _METHODS:
        return "packed by a method that kb does not know", "pack it as an ordinary zip"
    if entry.file_size > most_bytes:
        return f"larger than {most_bytes >> 20} MB", "raise KB_MAX_FILE_MB, or divide it"
    if entry.file_size > max(RATIO_FROM, MOST_RATIO * entry.compress_size):
        return f"it inflates more than {MOST_RATIO} times", "unpack it, if you trust it"
    return None


def _is_hidden(name: str) -> bool:
    """What a walk over a folder would leave out, and what macOS adds."""
    parts = name.split("/")
    return any(
        (part.startswith((".", "~$")) and part not in (".", "..")) or part == "__MACOSX" for part in parts
    )


def _overlapping(entries: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Offsets of entries whose bytes are those of another too: a small file that inflates for ever."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    found: set[int] = set()
    end, last = -1, -1
    for entry in ordered:
        start = entry.header_offset
        if start < end:
            found |= {start, last}
        size = start + _LOCAL_HEADER + entry.compress_size
        if size > end:
            end, last = size, start
    return found


def _names(entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Each entry's name. Of names whose charset is not told (Windows) all are taken to have the same one."""
    raw = [_raw(entry) for entry in entries]
    charset = _charset([name for name in raw if name is not None])
    for entry, name in zip(entries, raw, strict=True):
        told = _unicode_name(entry)
        if told is None:
            told = entry.orig_filename if name is None else name.decode(charset, "replace")
        yield unicodedata.normalize("NFC", told)


def _raw(entry: zipfile.ZipInfo) -> bytes | None:
    """The bytes of a name that does not say its charset; zipfile has read them as CP437."""
    return None if entry.flag_bits & _IS_UTF8 else entry.orig_filename.encode("cp437")


def _charset(names: Sequence[bytes]) -> str:
    odd = [name for name in names if not name.isascii()]
    for charset, is_common in (("utf-8", None), ("gb18030", _in_gb2312), ("big5", _in_big5)):
        try:
            letters = [c for name in odd for c in name.decode(charset) if ord(c) > 127]
        except UnicodeDecodeError:
            continue
        if is_common is None or sum(map(is_common, letters)) >= _SURE * len(letters):
            return charset
    return "cp437"


def _in_gb2312(character: str) -> bool:
    return len(character.encode("gb2312", "ignore")) == 2


def _in_big5(character: str) -> bool:
    return b"\xa4\x40" <= character.encode("big5", "ignore") <= b"\xc6\x7e"  # the commoner half


def _unicode_name(entry: zipfile.ZipInfo) -> str | None:
    """The name in UTF-8 beside the old one, when it is of that name."""
    raw, extra = _raw(entry), entry.extra
    if raw is None:
        return None
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_NAME and body[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return body[5:].decode("utf-8", "replace")
    return None
