"""Zips that inflate without end, lie about themselves, or lead out."""

import struct
import zipfile
from io import BytesIO

from tests.hostile.parts import document, zipped

_END = "<4s4H2IH"
HUGE = 300 << 20


def ratio() -> bytes:
    """300 MB of zeros in 300 KB."""
    return zipped({"a.txt": bytes(HUGE), "b.md": "# fine\n\ntext"})


def nested() -> bytes:
    """A zip in a zip, twelve times."""
    data = zipped({"a.txt": bytes(50 << 20)})
    for depth in range(12):
        data = zipped({f"{n}-{depth}.zip": data for n in range(2)} if depth < 4 else {f"{depth}.zip": data})
    return data


def overlapping(entries: int = 3_000) -> bytes:
    """Every entry has the same bytes: each inflates on its own (Fifield 2019, A better zip bomb)."""
    with_one = zipped({"a.txt": bytes(1 << 20)})
    start = with_one.index(b"PK\1\2")
    local, central = with_one[:start], with_one[start : with_one.index(b"PK\5\6")]
    name_at = 46
    directory = b"".join(
        central[:28] + struct.pack("<H", 9) + central[30:name_at] + f"{n:05}.txt".encode()
        for n in range(entries)
    )
    return local + directory + _end(entries, len(directory), len(local))


def many() -> bytes:
    """65,000 empty files."""
    return zipped({f"{n}.txt": b"" for n in range(65_000)}, zipfile.ZIP_STORED)


def lying() -> bytes:
    """Says that it holds ten bytes, and holds 300 MB."""
    data = bytearray(zipped({"a.txt": bytes(HUGE)}))
    for header, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(header) + at
        data[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def endless_count() -> bytes:
    """A directory that says it has 2^64 entries in 2^64 bytes (zip64)."""
    most = 2**63 - 1
    sixty_four = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, most, most, most, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    return (
        sixty_four + locator + struct.pack(_END, b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    )


def leading_out() -> bytes:
    """Names that leave the archive in every way."""
    names = ("../../etc/x.md", "/etc/x.md", "C:\\x.md", "..\\x.md", "a/../../x.md", "x\0.md", "x" * 60_000)
    return zipped(dict.fromkeys(names, "x") | {"fine.md": "# fine\n\ntext"})


def links() -> bytes:
    """Symbolic links to what lies outside."""
    info = zipfile.ZipInfo("passwd.txt")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def parts_without_end() -> bytes:
    """A Word file of 65,000 parts."""
    inner = {f"word/media/{n}.xml": b"<a/>" for n in range(65_000)}
    return zipped({"[Content_Types].xml": "<Types/>", **inner})


def wrong_sizes() -> bytes:
    """A Word file whose main part says it is small and inflates to 300 MB."""
    data = bytearray(document("docx", "<w:p/>" * (HUGE // 12)))
    at = data.rindex(b"PK\1\2") + 24
    data[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(data)


def _end(entries: int, size: int, offset: int) -> bytes:
    return struct.pack(_END, b"PK\5\6", 0, 0, entries, entries, size, offset, 0)


BOMBS = {
    "ratio.zip": ratio,
    "nested.zip": nested,
    "overlapping.zip": overlapping,
    "overlapping.docx": overlapping,
    "many.zip": many,
    "lying.zip": lying,
    "endless-count.zip": endless_count,
    "leading-out.zip": leading_out,
    "links.zip": links,
    "parts-without-end.docx": parts_without_end,
    "wrong-sizes.docx": wrong_sizes,
}
