"""Windows as keyed hashes: enough to recognise a stretch of 24 bytes, nothing to read it from.

Each is a rolling hash (Karp and Rabin 1987, modulo 2^64; its multiplier is secret) that is quick at
every position of a file, and a keyed BLAKE2b (RFC 7693) that confirms. Whoever has the key can test
a guess; without it the numbers say nothing.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.erase.windows import SIZE, Windows

ROW = np.dtype([("rolling", "<u8"), ("confirm", "<u8"), ("document", "<u4"), ("form", "u1")])
Rows = NDArray[np.void]
_MODULUS = 1 << 64


@dataclass(frozen=True, slots=True)
class Secret:
    """What hashes are keyed with; the same for all of an installation."""

    key: bytes

    @property
    def multiplier(self) -> int:
        """Odd, so that it has an inverse modulo 2^64."""
        return int.from_bytes(self.digest(b"multiplier"), "little") | 1

    def digest(self, data: bytes, size: int = 8) -> bytes:
        """A keyed hash."""
        return hashlib.blake2b(data, key=self.key, digest_size=size).digest()


def weights(secret: Secret, count: int) -> NDArray[np.uint64]:
    """Powers of the inverse multiplier, from 0 on."""
    step, value, found = pow(secret.multiplier, -1, _MODULUS), 1, []
    for _ in range(count):
        found.append(value)
        value = value * step % _MODULUS
    return np.array(found, np.uint64)


def keyed(windows: Windows, secret: Secret) -> Rows:
    """One row a window, in order."""
    rows = np.zeros(len(windows), ROW)
    rows["rolling"] = (windows.data.astype(np.uint64) * weights(secret, SIZE)).sum(axis=1, dtype=np.uint64)
    rows["confirm"] = [confirmation(row.tobytes(), secret) for row in windows.data]
    rows["document"], rows["form"] = windows.document, windows.form
    return rows


def confirmation(window: bytes, secret: Secret) -> int:
    """The second hash of a window."""
    return int.from_bytes(secret.digest(window), "little")


def pack(rows: Rows) -> bytes:
    """Bytes of the rows, 21 each."""
    return rows.tobytes()


def unpack(data: bytes) -> Rows:
    """The inverse of `pack`."""
    return np.frombuffer(data, ROW)
