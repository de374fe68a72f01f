"""Writes small compound files (MS-CFB), the container of Office before 2007."""

import struct

_SECTOR = 512
_LEAST = 4096  # smaller streams would have to stand in a stream of their own
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams):
    """A file with at most three streams of a few kilobytes; each is padded with zeros."""
    padded = {name: data.ljust(_LEAST, b"\0") for name, data in streams.items()}
    padded = {name: data + bytes(-len(data) % _SECTOR) for name, data in padded.items()}
    fat, starts = [_FAT, _END], []
    for data in padded.values():
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + len(data) // _SECTOR), _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    last = len(padded)
    entries = [_entry("Root Entry", 5, _FREE, 1, _END, 0)]
    for number, ((name, data), start) in enumerate(zip(padded.items(), starts, strict=True), 1):
        entries.append(_entry(name, 2, number + 1 if number < last else _FREE, _FREE, start, len(data)))
    directory = b"".join(entries).ljust(_SECTOR, b"\0")
    return _header() + struct.pack("<128I", *fat) + directory + b"".join(padded.values())


def _header():
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    sizes = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<IIIIIIIIII", 0, 1, 1, 0, _LEAST, _END, 0, _END, 0, 0)
    return (magic + sizes + places).ljust(_SECTOR, b"\xff")


def _entry(name, kind, right, child, start, size):
    raw = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", _FREE, right, child)
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB", len(raw), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
