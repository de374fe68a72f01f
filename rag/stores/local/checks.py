"""A thorough look at an index on disk, for `kb doctor`.

tantivy opens files with flipped bytes and then searches wrongly, so every file's own checksum is
compared here. The footer's form is private to tantivy 0.27 (length and magic number last).
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np

from rag.errors import Damaged
from rag.stores.local import dense
from rag.stores.local.partition import Partition

_MAGIC = 1337


def faults(partition: Partition) -> list[str]:
    """One sentence a fault; an empty list is a healthy index."""
    try:
        folder = partition.current_folder()
        if folder is None:
            return []
        broken = [f"{p.name}: checksum differs" for p in _files(folder / "terms") if not _sound(p)]
        if broken:
            return broken
        return _compare(partition)
    except Damaged as error:
        return [str(error)]


def _compare(partition: Partition) -> list[str]:
    rows = partition.current_dense()
    if rows is None:
        return []
    found = rows.chunks[rows.chunks != dense.GONE]
    named = partition.chunks()
    if set(found.tolist()) != named:
        return [f"{len(named)} entries have terms, {len(set(found.tolist()))} have vectors"]
    if len(np.unique(found)) != len(found):
        return ["a chunk has two vectors"]
    return rows.faults()


def _files(folder: Path) -> list[Path]:
    """Files with a footer: not the list of segments, locks, or drafts that a killed writer left."""
    return [p for p in sorted(folder.iterdir()) if p.name != "meta.json" and not p.name.startswith(".")]


def _sound(path: Path) -> bool:
    data = path.read_bytes()
    if len(data) < 8:
        return False
    length, magic = struct.unpack("<II", data[-8:])
    if magic != _MAGIC or length > len(data) - 8:
        return False
    try:
        footer = json.loads(data[-8 - length : -8])
    except ValueError:
        return False
    return bool(zlib.crc32(data[: -8 - length]) == footer["crc"])
