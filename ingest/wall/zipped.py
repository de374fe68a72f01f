"""Looks into a zip before a parser does: what it really inflates to, counted while inflating."""

import zipfile
import zlib
from io import BytesIO

from rag.errors import UnreadableFile

MOST_BYTES = 64 << 20
MOST_ENTRIES = 4_000
MOST_RATIO = 100  # checked above a megabyte: small parts of empty rows compress as well
RATIO_FROM = 1 << 20
# What zipfile raises over broken bytes; the last is its word for a packing method that it does not know.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_STEP = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def check_office(data: bytes, kind: str) -> None:
    """`UnreadableFile` for a locked, old, broken or bloated Office file; `kind` names the program."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile(
                "it is protected by a password", state="password needed", hint="save a copy without it"
            )
        raise UnreadableFile(f"an old {kind} format", hint=f"save it in the present {kind} format")
    check(data)


def check(data: bytes) -> None:
    """`UnreadableFile` when the archive is broken or inflates beyond the bounds, whatever it declares."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check(archive)
    except BROKEN as error:
        raise UnreadableFile(
            f"a broken archive: {error}", hint="open it in its own program and save it anew"
        ) from error


def _check(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _bloated(f"{len(entries)} parts")
    total = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise UnreadableFile(
                "it is protected by a password", state="password needed", hint="save a copy without it"
            )
        size = 0
        with archive.open(entry) as part:
            while step := part.read(_STEP):
                size += len(step)
                if total + size > MOST_BYTES:
                    raise _bloated(f"more than {MOST_BYTES >> 20} MB inside")
                if size > RATIO_FROM and size > MOST_RATIO * max(entry.compress_size, 1):
                    raise _bloated(f"a part inflates more than {MOST_RATIO} times")
        total += size


def _bloated(what: str) -> UnreadableFile:
    return UnreadableFile(f"too large once unpacked: {what}", state="too large", hint="divide the document")
