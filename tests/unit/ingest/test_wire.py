import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from ingest.load import parse
from ingest.options import Options
from ingest.types import Loaded, Parsed
from ingest.wall import frame, wire
from ingest.wall.frame import Malformed
from rag.types import Box, Section, Span

TEXT = "# 年假\n\n十五天。\n\n## How?\nAsk.\n"
BOXES = (Box(0, 4, 1, 0.5, 0.0, 99.25, 12.0), Box(6, 10, 2, 0.0, 1.0, 2.0, 3.0))


def parsed(**changes) -> Parsed:
    made = parse("p", "a.md", TEXT.encode(), Options())
    return replace(made, loaded=replace(made.loaded, **changes))


def test_a_parsed_file_arrives_as_it_was_sent():
    sent = parsed(boxes=BOXES, pages=(0, 8), summary="概要", report={"hidden": {"white": 3}, "pages": 2})
    assert wire.unpack(wire.pack(sent)) == sent


def test_vectors_arrive_as_they_were_sent():
    vectors = np.arange(6, dtype=np.float16).reshape(2, 3)
    found = wire.unpack(wire.pack(Parsed("p", vectors=vectors)))
    assert found.vectors is not None
    assert (found.vectors == vectors).all()
    assert replace(found, vectors=None) == Parsed("p")


def test_an_error_arrives_as_it_was_sent():
    sent = Parsed("p", error="broken", state="damaged", hint="mend it", content_hash=b"x" * 32)
    assert wire.unpack(wire.pack(sent)) == sent


def test_what_no_database_stores_does_not_travel():
    found = wire.unpack(wire.pack(Parsed("p", error="bad \0 name \ud800", state="damaged")))
    assert found.error == "bad \ufffd name ?"


@pytest.mark.parametrize(
    "changes",
    [
        {"sections": (Section(Span(0, 999)),)},
        {"sections": (Section(Span(5, 3)),)},
        {"sections": (Section(Span(0, 9)), Section(Span(8, 12)))},
        {"pages": (0, 999)},
        {"pages": (-1,)},
        {"boxes": (Box(0, 999, 1, 0, 0, 1, 1),)},
        {"boxes": (Box(0, 4, 0, 0, 0, 1, 1),)},
        {"boxes": (Box(0, 4, 1, 0, 0, float("nan"), 1),)},
        {"boxes": (Box(0, 4, 1, 0, float("inf"), 1, 1),)},
        {"boxes": (BOXES[1], BOXES[0])},
        {"report": {"figure": float("inf")}},
        {"text": "no NUL \0 in a text that is long enough for the spans"},
    ],
)
def test_what_does_not_hold_together_is_refused(changes):
    with pytest.raises(Malformed):
        wire.unpack(wire.pack(parsed(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "xx"},
        {"state": "fine"},
        {"place": 3},
        {"hash": "no hash"},
        {"hash": "abcd"},
        {"columns": -1},
        {"columns": 1e300},
        {"report": []},
        {"title": None},
        {"title": "\ud800"},
        {"error": "text and error"},
        {"blobs": [1 << 40]},
        {"blobs": [-1]},
        {"blobs": [0] * 999},
        {"blobs": None},
        {"blobs": []},
    ],
)
def test_a_header_that_lies_is_refused(changes):
    with pytest.raises(Malformed):
        wire.unpack(changed(wire.pack(parsed()), changes))


def changed(data: bytes, changes) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + length]) | changes).encode()
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", b"\xff" * 8, (9).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]"],
)
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(Malformed):
        wire.unpack(data)


def test_a_header_nested_without_end_is_refused():
    deep = b"[" * 200_000
    with pytest.raises(Malformed):
        wire.unpack(len(deep).to_bytes(8, "little") + deep)


def test_every_cut_and_every_flipped_byte_is_refused_or_a_result():
    data = wire.pack(parsed(boxes=BOXES, pages=(0, 8)))
    outcomes = set()
    for at in range(len(data)):
        for wrong in (data[:at], data[:at] + bytes([data[at] ^ 0x81]) + data[at + 1 :]):
            try:
                outcomes.add(type(wire.unpack(wrong)))
            except Malformed:
                outcomes.add(Malformed)
    assert outcomes == {Parsed, Malformed}


def test_vectors_must_be_as_many_as_texts_and_finite():
    vectors = np.ones((2, 3), np.float16)
    read = frame.read(BytesIO(wire.pack_vectors(vectors)).read)
    assert (wire.vectors_of(read, 2) == vectors).all()
    for count, wrong in ((3, vectors), (2, vectors * np.float16("nan"))):
        with pytest.raises(Malformed):
            wire.vectors_of(frame.read(BytesIO(wire.pack_vectors(wrong)).read), count)


def test_features_of_another_shape_are_refused():
    sent = parsed()
    wrong = tuple(replace(piece, features=piece.features + b"\0\0\0\0") for piece in sent.pieces)
    with pytest.raises(Malformed):
        wire.unpack(wire.pack(replace(sent, pieces=wrong)))


def test_a_result_is_refused_before_its_bytes_are_read():
    asked = []

    def take(size):
        asked.append(size)
        return data.read(size)

    body = json.dumps({"blobs": [frame.MOST_BYTES + 1]}).encode()
    data = BytesIO(len(body).to_bytes(8, "little") + body)
    with pytest.raises(Malformed):
        frame.read(take)
    assert asked == [8, len(body)]


def test_a_text_beyond_all_measure_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MOST_CHARACTERS", 10)
    with pytest.raises(Malformed):
        wire.unpack(wire.pack(Parsed("p", loaded=Loaded("more than ten characters"))))


@pytest.mark.parametrize("said", ["a \\u0000 b", "\\\\u0000", "\\\\\\u0000", "年假 \\u0000"])
def test_words_that_only_look_like_nul_travel(said):
    sent = Parsed("p", error=said, state="damaged")
    assert wire.unpack(wire.pack(sent)) == sent


def test_nul_after_a_backslash_does_not_travel():
    assert wire.unpack(wire.pack(Parsed("p", error="\\\0", state="damaged"))).error == "\\\ufffd"


@pytest.mark.parametrize("said", [b"\\u0000", b"\\\\\\u0000"])
def test_nul_in_a_header_is_refused(said):
    head = b'{"error": "' + said + b'", "blobs": []}'
    with pytest.raises(Malformed, match="NUL"):
        frame.read(BytesIO(len(head).to_bytes(8, "little") + head).read)
