"""Boxes of lines are kept small and found again by the stretch of text they hold."""

from hypothesis import given
from hypothesis import strategies as st

from rag.layout import pack, unpack, within
from rag.types import Box

_TENTH = st.integers(-20_000, 20_000).map(lambda tenths: tenths / 10)
_BOXES = st.builds(Box, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 9999), *[_TENTH] * 4)


@given(st.lists(_BOXES, max_size=30))
def test_what_is_packed_comes_back(boxes: list[Box]) -> None:
    assert unpack(pack(boxes)) == tuple(boxes)


def test_a_stretch_finds_the_lines_it_touches() -> None:
    lines = [Box(i * 10, i * 10 + 9, 1, 72, 100 + i * 12, 300, 110 + i * 12) for i in range(5)]
    assert within(pack(lines), 15, 25) == tuple(lines[1:3])
    assert within(pack(lines), 9, 10) == ()


def test_a_text_without_pages_has_no_boxes() -> None:
    assert pack(()) == b""
    assert within(b"", 0, 100) == ()
