"""What is kept with each chunk so that ranking works alike on every store.

Terms are kept as 31-bit hashes, so a chunk's features are a few hundred bytes and hold no text.
Words of a Chinese dictionary have the top bit set: they count for phrases and coverage, never
for BM25, whose Chinese terms are characters and pairs (`rag.words`).
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rag.remembered import remembered
from rag.words import OTHER, apart, ascii_words, cut, has_cjk, stem_of, terms, words

Ids = NDArray[np.uint32]
_NONE: Ids = np.empty(0, np.uint32)
PHRASE_ONLY = np.uint32(1 << 31)
_HEADER = np.dtype("<u4")
_MAX_CACHED = 200_000
_ELSEWHERE = -2  # instead of an id: it comes from another list


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed terms of one chunk, its five parts end to end.

    `body` is the reading order of words (stems; dictionary words carry `PHRASE_ONLY`), `grams` the
    Chinese characters and pairs of the body, sorted, with repeats. `heading`, `title` and `path`
    hold BM25 terms and phrase words together. `lengths` are of the parts in this order;
    `body_terms` is how many BM25 terms the body has, grams included.
    """

    everything: Ids
    lengths: tuple[int, int, int, int, int]
    body_terms: int

    @classmethod
    def of(cls, body: Ids, grams: Ids, heading: Ids, title: Ids, path: Ids) -> "Features":
        """Features from their parts."""
        parts = (body, grams, heading, title, path)
        lengths = (len(body), len(grams), len(heading), len(title), len(path))
        return cls(np.concatenate(parts), lengths, _body_terms(body) + len(grams))

    @property
    def body(self) -> Ids:
        return self.everything[: self.lengths[0]]

    @property
    def grams(self) -> Ids:
        return self._part(1)

    @property
    def heading(self) -> Ids:
        return self._part(2)

    @property
    def title(self) -> Ids:
        return self._part(3)

    @property
    def path(self) -> Ids:
        return self._part(4)

    def searchable(self) -> Ids:
        """All BM25 term ids of all fields, with repeats: what a keyword index is built from."""
        return self.everything[self.everything < PHRASE_ONLY]

    def _part(self, number: int) -> Ids:
        start = sum(self.lengths[:number])
        return self.everything[start : start + self.lengths[number]]


def _body_terms(body: Ids) -> int:
    return int(np.count_nonzero(body < PHRASE_ONLY))


def term_id(term: str) -> int:
    """The 31-bit id of a BM25 term."""
    return zlib.crc32(term.encode()) & 0x7FFFFFFF


def word_id(word: str) -> int:
    """The id of a phrase word: a stem's is its term id, a dictionary word's has the top bit."""
    return term_id(word) | (1 << 31) if has_cjk(word) else term_id(word)


def extract(body: str, *, heading: str = "", title: str = "", path: str = "") -> Features:
    """Features of one chunk's texts."""
    line, others = ("", ascii_words(body)) if body.isascii() else apart(body)
    wide = has_cjk(line)
    return Features.of(
        body=_mixed_body(line, others) if wide else _plain_body(others),
        grams=_grams(line) if wide else _NONE,
        heading=field_ids(heading),
        title=field_ids(title),
        path=field_ids(path),
    )


@remembered(4096)
def field_ids(text: str) -> Ids:
    """Ids of a short field: BM25 terms, then phrase words that are not among them."""
    found = [term_id(term) for term in terms(text)]
    found += [word_id(word) for word in words(text) if has_cjk(word)]
    ids = np.array(found, dtype=np.uint32)
    ids.flags.writeable = False  # the cache hands it out again
    return ids


def pack(features: Features) -> bytes:
    """Bytes for the catalog; `unpack` is the inverse."""
    header = np.array(features.lengths, dtype=_HEADER)
    return header.tobytes() + features.everything.astype(_HEADER, copy=False).tobytes()


def unpack(blob: bytes) -> Features:
    """Features from the catalog's bytes."""
    array = np.frombuffer(blob, dtype=_HEADER)
    body, grams, heading, title, path = array[:5].tolist()
    return Features(array[5:], (body, grams, heading, title, path), _body_terms(array[5 : 5 + body]) + grams)


def searchable(blob: bytes) -> Ids:
    """`Features.searchable` of the catalog's bytes, without taking them apart."""
    ids: Ids = np.frombuffer(blob, dtype=_HEADER)[5:]
    return ids[ids < PHRASE_ONLY]


class _Ids(dict[str, int]):
    """Ids of words that were met before; -1 for a word that has none."""

    def __missing__(self, word: str) -> int:
        if len(self) > _MAX_CACHED:
            self.clear()
        self[word] = found = self.of(word)
        return found

    def of(self, word: str) -> int:
        """The id of a run's stem."""
        term = stem_of(word)
        return term_id(term) if term else -1


class _WideIds(_Ids):
    """The same for what cutting a line of `apart` gives."""

    def of(self, word: str) -> int:
        """The id of a dictionary word."""
        return _ELSEWHERE if word == OTHER else -1 if word.isspace() else word_id(word)


_stem_ids = _Ids()
_wide_ids = _WideIds()


def _lookup(table: _Ids, found: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(table.__getitem__, found), np.int64, len(found))


def _plain_body(found: Sequence[str]) -> Ids:
    """Ids of stems in reading order."""
    ids = _lookup(_stem_ids, found)
    return ids[ids >= 0].astype(np.uint32)


def _mixed_body(line: str, others: Sequence[str]) -> Ids:
    """Word ids in reading order. All wide runs are cut in one call: a call costs more than a run."""
    ids = _lookup(_wide_ids, cut(line))
    ids[ids == _ELSEWHERE] = _lookup(_stem_ids, others)
    return ids[ids >= 0].astype(np.uint32)


def _grams(line: str) -> Ids:
    """Ids of the characters and pairs of all wide runs, sorted."""
    codes = np.frombuffer(line.encode("utf-32-le"), np.uint32)
    if codes.max() > 0xFFFF:  # the tables hold what has three bytes in UTF-8
        slow = [term_id(term) for term in terms(line)]
        return np.sort(np.array(slow, dtype=np.uint32))
    alone, before, after = _crc_tables()
    inside = codes > ord(" ")
    pairs = inside[:-1] & inside[1:]
    single = alone[codes[inside]]
    double = before[codes[:-1][pairs]] ^ after[codes[1:][pairs]]
    return np.sort(np.concatenate([single, double]) & np.uint32(0x7FFFFFFF))


@cache
def _crc_tables() -> tuple[Ids, Ids, Ids]:
    """CRC-32 of a character, and two parts whose exclusive or is the CRC-32 of a pair.

    The register is linear in the bytes fed to it, so what the first character leaves behind after
    three more bytes, and what the second adds, are found for each of them alone.
    """
    codes: Ids = np.arange(0x10000, dtype=np.uint32)
    encoded = [
        (byte | codes >> shift & 0x3F).astype(np.uint32) for byte, shift in ((0xE0, 12), (0x80, 6), (0x80, 0))
    ]
    full = np.uint32(0xFFFFFFFF)
    first = _fed(np.full_like(codes, full), encoded)
    return first ^ full, _fed(first, (0, 0, 0)) ^ full, _fed(np.zeros_like(codes), encoded)


def _fed(register: Ids, data: Sequence[Ids | int]) -> Ids:
    """The CRC-32 registers after these bytes."""
    steps = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        steps = np.where(steps & 1, 0xEDB88320 ^ steps >> 1, steps >> 1).astype(np.uint32)
    for byte in data:
        register = steps[(register ^ byte) & 0xFF] ^ register >> 8
    return register
