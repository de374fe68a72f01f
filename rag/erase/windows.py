"""Stretches of 24 bytes out of a text or a vector, by which copies of it are recognised in any file.

A text leaves them in each form in which it may come to lie in a file: UTF-8, UTF-16 and the escapes
of JSON. Windows out of its lines hold nothing that JSON would escape, those out of the whole text
cross line ends as the catalog stores them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE = 24  # bytes
UTF8, UTF16, ESCAPED, VECTOR = range(4)
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f]+')
_LEAST = 5  # different bytes: a ruled line stands in many files by chance
_OTHER_FORMS = 16  # windows of UTF-16 and of escapes, of one text
_VECTORS = 8  # about as many windows of vectors, of one version


@dataclass(frozen=True, slots=True)
class Windows:
    """`data` is (n, 24) bytes; `document` numbers the document of each row, `form` says its encoding."""

    data: NDArray[np.uint8]
    document: NDArray[np.uint32]
    form: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.form)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> "Windows":
        """Some of them."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Windows(self.data[chosen], self.document[chosen], self.form[chosen])


def none() -> Windows:
    """No windows."""
    return Windows(np.empty((0, SIZE), np.uint8), np.empty(0, np.uint32), np.empty(0, np.uint8))


def together(parts: Sequence[Windows]) -> Windows:
    """All of them, in order, each stretch of a form once."""
    if not parts:
        return none()
    data = np.concatenate([part.data for part in parts])
    form = np.concatenate([part.form for part in parts])
    document = np.concatenate([part.document for part in parts])
    keyed = np.concatenate([data, form[:, None]], axis=1)
    _, first = np.unique(keyed, axis=0, return_index=True)
    return Windows(data, document, form).take(np.sort(first))


def of_text(text: str, document: int, most: int) -> Windows:
    """About `most` windows of UTF-8, spread over the text, and a few of its other forms."""
    utf8 = [*_pieces(_PLAIN.findall(text), most // 2), *_pieces([text], most // 2)]
    found = [(piece, UTF8) for piece in utf8]
    found += [(piece, UTF16) for piece in _pieces([_utf16(text)], _OTHER_FORMS)]
    found += [(piece, ESCAPED) for piece in _pieces([_escaped(text)], _OTHER_FORMS) if b"\\u" in piece]
    return _made(found, document)


def of_vectors(vectors: Sequence[bytes], document: int) -> Windows:
    """One window of each of a few vectors, out of a part that is not blank."""
    step = max(1, len(vectors) // _VECTORS)
    pieces = (next(_worth([v[i : i + SIZE] for i in range(0, len(v), SIZE)]), b"") for v in vectors[::step])
    return _made([(piece, VECTOR) for piece in pieces if piece], document)


def spread(windows: Windows, most: int) -> NDArray[np.int64]:
    """Which to keep, at most `most` of each document: some of every form, the rest UTF-8, evenly."""
    chosen: list[int] = []
    for document in np.unique(windows.document):
        rows = np.flatnonzero(windows.document == document)
        others = [rows[windows.form[rows] == form] for form in (UTF16, ESCAPED, VECTOR)]
        few = [row for some in others for row in _evenly(some, most // 6)]
        text = rows[windows.form[rows] == UTF8]
        chosen += [*_evenly(text, most - len(few)), *few]
    return np.array(sorted(chosen), np.int64)


def _evenly(rows: NDArray[np.int64], most: int) -> list[int]:
    if len(rows) <= most:
        return [int(row) for row in rows]
    return [int(rows[i * len(rows) // most]) for i in range(most)]


def _pieces(runs: Sequence[bytes | str], most: int) -> Iterator[bytes]:
    """Stretches side by side, and the end of each run; where there are more than `most`, some, evenly."""
    encoded = [run if isinstance(run, bytes) else run.encode("utf-8", "surrogatepass") for run in runs]
    step = max(SIZE, sum(map(len, encoded)) // max(1, most))
    places: list[tuple[int, int]] = []
    for number, run in enumerate(encoded):
        last = len(run) - SIZE
        places += [(number, start) for start in (*range(0, last, step), last) if start >= 0]
    chosen = places if len(places) <= most else [places[i * len(places) // most] for i in range(most)]
    return _worth([encoded[number][start : start + SIZE] for number, start in chosen])


def _worth(pieces: Sequence[bytes]) -> Iterator[bytes]:
    return (piece for piece in pieces if len(piece) == SIZE and len(set(piece)) >= _LEAST)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _escaped(text: str) -> bytes:
    """As `json.dumps` writes it by default; nothing for a text that it leaves as it is."""
    return b"" if text.isascii() else json.dumps(text)[1:-1].encode()


def _made(found: Sequence[tuple[bytes, int]], document: int) -> Windows:
    data = np.frombuffer(b"".join(piece for piece, _ in found), np.uint8).reshape(-1, SIZE)
    form = np.array([form for _, form in found], np.uint8)
    return together([Windows(data, np.full(len(found), document, np.uint32), form)]) if found else none()
