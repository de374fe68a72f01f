"""Compressed RTF of Outlook ([MS-OXRTFCP]): LZ77 with a dictionary that both sides know."""

import struct

from rag.errors import UnreadableFile

MOST_BYTES = 64 << 20
_HEAD = struct.Struct("<IIII")
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_SIZE = 4096
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    rb"\pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpacked(data: bytes) -> bytes:
    """The RTF. `UnreadableFile` for damaged data, or when it grows too large."""
    if len(data) < _HEAD.size:
        raise UnreadableFile("its text is damaged", hint="save it again in Outlook")
    _, size, kind, _ = _HEAD.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEAD.size : _HEAD.size + size]
    if kind != _COMPRESSED or size > MOST_BYTES:
        raise UnreadableFile("its text is damaged", hint="save it again in Outlook")
    return bytes(_inflated(data[_HEAD.size :], size))


def _inflated(data: bytes, size: int) -> bytearray:
    ring = bytearray(_KNOWN.ljust(_SIZE, b"\0"))
    write, place, made = len(_KNOWN), 0, bytearray()
    while place < len(data) and len(made) < size:
        control, place = data[place], place + 1
        for bit in range(8):
            if not control >> bit & 1:
                found = data[place : place + 1]
                place += 1
            else:
                token = int.from_bytes(data[place : place + 2], "big")
                place += 2
                start, length = token >> 4, (token & 15) + 2
                if start == write % _SIZE or place > len(data):
                    return made  # the end, as the encoder marks it
                found = _copied(ring, start, write, length)
            for byte in found:
                ring[write % _SIZE] = byte
                write += 1
            made += found
    return made


def _copied(ring: bytearray, start: int, write: int, length: int) -> bytes:
    """Bytes of the ring; those that are being written are read as well."""
    found = bytearray()
    for step in range(length):
        at = (start + step) % _SIZE
        ahead = (start + step - write) % _SIZE
        found.append(found[ahead] if ahead < len(found) else ring[at])
    return bytes(found)
