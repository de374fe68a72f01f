"""Pictures of a few kilobytes that claim to be gigapixels."""

import gzip
import struct
import zlib
from collections.abc import Callable

SIDE = 100_000


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png() -> bytes:
    about = struct.pack(">2I5B", SIDE, SIDE, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(200 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", about) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def png_text() -> bytes:
    """A small picture whose comment inflates to 200 MB."""
    about = struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)
    comment = b"Comment\0\0" + zlib.compress(bytes(200 << 20), 9)
    parts = _chunk(b"IHDR", about), _chunk(b"zTXt", comment), _chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + _chunk(b"IEND", b"")


def bmp() -> bytes:
    return (
        b"BM" + struct.pack("<I2HI", 100, 0, 0, 54) + struct.pack("<I2i2H6I", 40, SIDE, SIDE, 1, 24, *[0] * 6)
    )


def tiff() -> bytes:
    """A list of pictures that leads back to itself."""
    entries = [(256, 4, 1, SIDE), (257, 4, 1, SIDE), (258, 3, 1, 8), (259, 3, 1, 1), (273, 4, 1, 8)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<2H2I", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 8)


def jpeg() -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65_500, 65_500, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    return b"\xff\xd8" + frame + b"\xff\xda" + struct.pack(">H", 12) + b"\3\1\0\2\0\3\0\0\x3f\0" + bytes(1000)


def svg() -> bytes:
    return gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'><text>" + b"x" * (300 << 20), mtime=0)


BOMBS: dict[str, Callable[[], bytes]] = {
    "gigapixel.png": png,
    "comment.png": png_text,
    "gigapixel.bmp": bmp,
    "loop.tiff": tiff,
    "gigapixel.jpg": jpeg,
    "packed.svgz": svg,
    "packed.svg": svg,
}
