"""Frames between a run and its children: plain values, no code, and bounded before they are read.

A frame is eight bytes of length (little-endian), that many bytes of JSON, an object, then the blobs whose
sizes the object lists under `blobs`. Bulk travels in blobs, for a hostile JSON text swells twenty times when
it is parsed: the JSON is small, and numbers and texts are told as arrays.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray

MOST_HEADER = 1 << 20
MOST_BYTES = 40 << 20  # of all blobs of a frame; the run's memory grows by about as much
MOST_BLOBS = 32

# NUL in JSON, which no database stores; two backslashes before it are a backslash and plain letters.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")

Take = Callable[[int], bytes]


class Malformed(Exception):
    """These bytes are not what we send."""


@dataclass(slots=True)
class Frame:
    """A frame whose blobs are read one after another, each when it is asked for."""

    header: dict[str, Any]
    sizes: list[int]
    take: Take

    def blob(self) -> bytes:
        """The next blob."""
        require(bool(self.sizes), "fewer blobs than expected")
        return self.take(self.sizes.pop(0))

    def numbers(self, dtype: str, columns: int = 1) -> NDArray[Any]:
        """The next blob as rows of numbers: of shape (n, columns)."""
        data = self.blob()
        width = np.dtype(dtype).itemsize * columns
        require(len(data) % width == 0, "an array of odd length")
        return np.frombuffer(data, dtype).reshape(-1, columns)

    def pieces(self) -> list[bytes]:
        """The next two blobs as the list of bytes that `of_pieces` was given."""
        ends = self._ends()
        data = self.blob()
        require(ends[-1] == len(data), "lengths that do not add up")
        return [data[a:b] for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]

    def texts(self) -> list[str]:
        """The next two blobs as the list of texts that `of_texts` was given."""
        ends = self._ends()
        text = decoded(self.blob())
        require(ends[-1] == len(text), "lengths that do not add up")
        return [text[a:b] for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]

    def _ends(self) -> NDArray[np.int64]:
        lengths = self.numbers("<u4")[:, 0].astype(np.int64)
        return np.concatenate([[0], np.cumsum(lengths)])


def pack(header: Mapping[str, object], blobs: Sequence[bytes] = ()) -> bytes:
    """The bytes of a frame. Values of the header are plain; what no database stores is replaced in them."""
    said = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}, ensure_ascii=False)
    head = _NUL.sub("\\1\ufffd", said).encode("utf-8", "replace")
    if len(head) > MOST_HEADER or sum(map(len, blobs)) > MOST_BYTES:
        raise Malformed("more than a frame holds")
    return b"".join((len(head).to_bytes(8, "little"), head, *blobs))


def read(take: Take) -> Frame | None:
    """The next frame, its blobs still unread; None at the end of the stream.

    `take(n)` returns n bytes, or fewer at the end. `Malformed` for anything that `pack` does not make.
    """
    start = take(8)
    if not start:
        return None
    length = int.from_bytes(start, "little")
    require(len(start) == 8 and length <= MOST_HEADER, "a header that is too long")
    header = _object(_exactly(take, length))
    sizes = header.pop("blobs", None)
    require(isinstance(sizes, list) and len(sizes) <= MOST_BLOBS, "no list of blobs")
    require(all(type(size) is int and size >= 0 for size in sizes), "sizes that are none")
    require(sum(sizes) <= MOST_BYTES, "more than a frame holds")
    return Frame(header, sizes, lambda size: _exactly(take, size))


def of_pieces(values: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Two blobs: how long each is, and all of them."""
    values = list(values)
    return np.array([len(value) for value in values], "<u4").tobytes(), b"".join(values)


def of_texts(values: Iterable[str]) -> tuple[bytes, bytes]:
    """Two blobs: how many code points each has, and all of them in UTF-8."""
    values = list(values)
    lengths = np.array([len(value) for value in values], "<u4").tobytes()
    return lengths, "".join(values).encode("utf-8", "replace")


def decoded(data: bytes) -> str:
    """Text of a blob; it must be UTF-8 and hold no NUL, which PostgreSQL does not store."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("a text that is not UTF-8") from error
    require("\0" not in text, "a text with NUL")
    return text


def require(holds: object, otherwise: str) -> None:
    """`Malformed` where something does not hold."""
    if not holds:
        raise Malformed(otherwise)


def _object(data: bytes) -> dict[str, Any]:
    text = decoded(data)
    require(not _NUL.search(text), "NUL in a header")
    try:
        header = json.loads(text, parse_constant=_refused)
        json.dumps(header, ensure_ascii=False).encode()  # escapes may name half characters
    except (ValueError, RecursionError) as error:
        raise Malformed("a header that is no JSON") from error
    require(isinstance(header, dict), "a header that is no object")
    found: dict[str, Any] = header
    return found


def _refused(name: str) -> Never:
    raise Malformed(f"the number {name}")


def _exactly(take: Take, size: int) -> bytes:
    data = take(size)
    require(len(data) == size, "an end within a frame")
    return data
