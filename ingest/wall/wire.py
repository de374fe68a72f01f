"""What a child sends back, and how it is judged on arrival: a child reads strangers' files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from ingest.types import Loaded, Parsed, Piece
from ingest.wall import frame
from ingest.wall.frame import Frame, require
from rag.types import Box, Language, Section, Span

Vectors = NDArray[np.float16]

MOST_CHARACTERS = 10_000_000
MOST_SECTIONS = 200_000
MOST_PIECES = 100_000
MOST_BOXES = 500_000
MOST_PAGES = 100_000
MOST_DIMENSIONS = 8_192
_FARTHEST = 1e8  # points; a box beyond is no place on a page
_STATES = frozenset(
    {
        "",
        "unreadable",
        "unsupported",
        "damaged",
        "password needed",
        "ocr needed",
        "empty",
        "too large",
        "quarantined",
    }
)
_HASH = 32
_FEATURES = 5  # numbers before the terms of a chunk: how many each part has


def pack(parsed: Parsed) -> bytes:
    """The frame of a parsed file. A loader's report must hold plain values only."""
    loaded = parsed.loaded
    header: dict[str, object] = {
        "place": parsed.place,
        "language": parsed.language,
        "error": parsed.error,
        "state": parsed.state,
        "hint": parsed.hint,
        "hash": parsed.content_hash.hex(),
        "columns": 0 if parsed.vectors is None else parsed.vectors.shape[-1],
        "loaded": loaded is not None,
    }
    if loaded is None:
        return frame.pack(header, () if parsed.vectors is None else (_packed(parsed.vectors),))
    header |= {"title": loaded.title, "summary": loaded.summary, "report": dict(loaded.report)}
    paths = _Paths()
    sections = [_row(s.span, s.page, paths.number(s.heading)) for s in loaded.sections]
    pieces = [_row(p.span, p.page, paths.number(p.heading)) for p in parsed.pieces]
    blobs = [
        loaded.text.encode("utf-8", "replace"),
        *paths.blobs(),
        np.array(sections, "<i4").tobytes(),
        np.array(loaded.pages, "<i4").tobytes(),
        np.array([(b.start, b.end, b.page) for b in loaded.boxes], "<i4").tobytes(),
        np.array([(b.x0, b.y0, b.x1, b.y1) for b in loaded.boxes], "<f8").tobytes(),
        np.array(pieces, "<i4").tobytes(),
        b"".join(piece.text_hash for piece in parsed.pieces),
        *frame.of_pieces(piece.features for piece in parsed.pieces),
        *frame.of_texts(parsed.embed),
        b"" if parsed.vectors is None else _packed(parsed.vectors),
    ]
    return frame.pack(header, blobs)


def unpack(data: bytes) -> Parsed:
    """The inverse of `pack`."""
    found = frame.read(BytesIO(data).read)
    require(found, "no frame")
    return parsed(cast("Frame", found))


def parsed(found: Frame) -> Parsed:
    """A parsed file from its frame. `Malformed` unless everything in it holds together."""
    header = found.header
    made = Parsed(
        _text(header, "place"),
        language=_language(header),
        content_hash=_hash(header),
        error=_text(header, "error"),
        state=_text(header, "state"),
        hint=_text(header, "hint"),
    )
    require(made.state in _STATES, "an unknown state")
    columns = header.get("columns")
    if type(columns) is not int or not 0 <= columns <= MOST_DIMENSIONS:
        raise frame.Malformed("an odd width of vectors")
    if header.get("loaded") is not True:
        vectors = _vectors(found.blob(), columns) if columns else None
        return replace(made, vectors=vectors)
    require(not made.error, "a text and an error")
    return _with_text(made, found, columns)


def _with_text(made: Parsed, found: Frame, columns: int) -> Parsed:
    text = frame.decoded(found.blob())
    require(len(text) <= MOST_CHARACTERS, "too long a text")
    paths = _paths(found)
    sections = _spans(found, len(text), len(paths), MOST_SECTIONS)
    require((sections[1:, 0] >= sections[:-1, 1]).all(), "sections that overlap")
    pages = found.numbers("<i4")[:, 0]
    require(len(pages) <= MOST_PAGES and _inside(pages, len(text)), "pages outside the text")
    boxes = _boxes(found, len(text))
    pieces = _pieces(found, len(text), paths)
    embed = tuple(found.texts())
    require(len(embed) in (0, len(pieces)), "texts to embed that are not those of the pieces")
    data = found.blob()
    vectors = _vectors(data, columns) if columns else None
    require(vectors is None or len(vectors) == len(pieces), "a vector too many or too few")
    loaded = Loaded(
        text,
        title=_text(found.header, "title"),
        sections=tuple(Section(Span(a, b), paths[h], page or None) for a, b, page, h in sections.tolist()),
        pages=tuple(pages.tolist()),
        summary=_text(found.header, "summary"),
        boxes=boxes,
        report=_report(found.header),
    )
    return replace(made, loaded=loaded, pieces=pieces, embed=embed, vectors=vectors)


def pack_vectors(vectors: Vectors) -> bytes:
    """The frame of an answer to texts."""
    return pack(Parsed("", vectors=vectors))


def vectors_of(found: Frame, count: int) -> Vectors:
    """As many vectors as texts were sent. `Malformed` for anything else."""
    vectors = parsed(found).vectors
    if vectors is None:
        raise frame.Malformed("no vectors")
    require(len(vectors) == count, "a vector too many or too few")
    return vectors


class _Paths:
    """Heading paths, each told once."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, path: tuple[str, ...]) -> int:
        return self._numbers.setdefault(path, len(self._numbers))

    def blobs(self) -> tuple[bytes, bytes, bytes]:
        lengths = np.array([len(path) for path in self._numbers], "<i4").tobytes()
        return lengths, *frame.of_texts(part for path in self._numbers for part in path)


def _paths(found: Frame) -> list[tuple[str, ...]]:
    lengths = found.numbers("<i4")[:, 0]
    parts = found.texts()
    require(len(lengths) <= MOST_SECTIONS + MOST_PIECES, "too many headings")
    require((lengths >= 0).all() and lengths.sum(dtype=np.int64) == len(parts), "headings that do not add up")
    parts_left = iter(parts)
    return [tuple(next(parts_left) for _ in range(length)) for length in lengths.tolist()]


def _row(span: Span, page: int | None, heading: int) -> tuple[int, int, int, int]:
    return span.start, span.end, page or 0, heading


def _spans(found: Frame, length: int, headings: int, most: int) -> NDArray[Any]:
    rows = found.numbers("<i4", 4)
    require(len(rows) <= most, "too many parts")
    require((rows >= 0).all() and (rows[:, 0] <= rows[:, 1]).all(), "a part that ends before it starts")
    require(_inside(rows[:, 1], length), "a part outside the text")
    require((rows[:, 3] < headings).all(), "a heading that is not told")
    return rows


def _pieces(found: Frame, length: int, paths: Sequence[tuple[str, ...]]) -> tuple[Piece, ...]:
    rows = _spans(found, length, len(paths), MOST_PIECES)
    hashes = found.numbers("V16")[:, 0].tolist()
    features = found.pieces()
    require(len(rows) == len(hashes) == len(features), "pieces that do not add up")
    require(all(map(_is_features, features)), "features that are none")
    return tuple(
        Piece(Span(start, end), page or None, paths[heading], text_hash, made)
        for (start, end, page, heading), text_hash, made in zip(rows.tolist(), hashes, features, strict=True)
    )


def _is_features(data: bytes) -> bool:
    if len(data) % 4 or len(data) < 4 * _FEATURES:
        return False
    lengths = np.frombuffer(data, "<u4", _FEATURES)
    return int(lengths.sum(dtype=np.int64)) == len(data) // 4 - _FEATURES


def _boxes(found: Frame, length: int) -> tuple[Box, ...]:
    spans, corners = found.numbers("<i4", 3), found.numbers("<f8", 4)
    require(len(spans) == len(corners) <= MOST_BOXES, "boxes that do not add up")
    require(_inside(spans[:, :2], length) and (spans[:, 0] <= spans[:, 1]).all(), "a box outside the text")
    require((np.diff(spans[:, 0]) >= 0).all() and (spans[:, 2] >= 1).all(), "boxes out of order")
    require((np.abs(corners) <= _FARTHEST).all(), "a box that is nowhere")  # NaN is not <= either
    return tuple(Box(*span, *corner) for span, corner in zip(spans.tolist(), corners.tolist(), strict=True))


def _inside(offsets: NDArray[Any], length: int) -> bool:
    return bool(((offsets >= 0) & (offsets <= length)).all())


def _packed(vectors: Vectors) -> bytes:
    return vectors.astype("<f2", copy=False).tobytes()


def _vectors(data: bytes, columns: int) -> Vectors:
    require(len(data) % (2 * columns) == 0, "vectors of odd length")
    vectors = np.frombuffer(data, "<f2").reshape(-1, columns)
    require(np.isfinite(vectors).all(), "a vector that is none")
    return vectors


def _text(header: Mapping[str, Any], name: str) -> str:
    value = header.get(name)
    require(isinstance(value, str), f"{name} is no text")
    return cast("str", value)


def _language(header: Mapping[str, Any]) -> Language:
    value = header.get("language")
    require(value in get_args(Language), "an unknown language")
    return cast("Language", value)


def _hash(header: Mapping[str, Any]) -> bytes:
    try:
        value = bytes.fromhex(_text(header, "hash"))
    except ValueError as error:
        raise frame.Malformed("a hash that is none") from error
    require(len(value) in (0, _HASH), "a hash that is none")
    return value


def _report(header: Mapping[str, Any]) -> dict[str, object]:
    value = header.get("report")
    require(isinstance(value, dict), "a report that is none")
    return cast("dict[str, object]", value)
