"""What holds for the boxes of every document."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.pdf.compose import compose
from ingest.formats.pdf.types import Line, Page
from ingest.loaders import pdf
from ingest.options import Options, using

_words = st.text(st.sampled_from("abcXY -.,1\ufffe员工休假。가"), min_size=1, max_size=50)
_lines = st.builds(
    lambda text, x, y, long, row: Line(text, x, y, x + long, y + 10, 10, row=row),
    _words.filter(str.strip),
    st.floats(0, 500),
    st.floats(0, 800),
    st.floats(1, 400),
    st.booleans(),
)
_pages = st.lists(
    st.lists(st.lists(_lines, min_size=1, max_size=5).map(tuple), max_size=4).map(
        lambda blocks: Page(tuple(blocks), 595.0, 842.0)
    ),
    max_size=5,
)


def assert_boxes_hold(text, pages, boxes, *, size=None):
    assert all(before.start < box.start and before.end <= box.start for before, box in pairwise(boxes))
    assert all(0 <= box.start < box.end <= len(text) for box in boxes)
    assert all(box.x0 <= box.x1 and box.y0 <= box.y1 for box in boxes)
    assert all(1 <= box.page <= len(pages) for box in boxes)
    covered = bytearray(len(text))
    for box in boxes:
        covered[box.start : box.end] = b"\1" * (box.end - box.start)
    assert [text[i] for i in range(len(text)) if not covered[i] and not text[i].isspace()] == []
    if size:
        assert all(box.x1 <= size[0] and box.y1 <= size[1] for box in boxes)


@given(_pages)
def test_boxes_are_in_order_on_their_page_and_cover_every_letter(pages):
    made = compose(pages, ())
    assert_boxes_hold(made.text, made.pages, made.boxes, size=(595, 842))
    assert list(made.pages) == sorted(made.pages)


@given(_pages)
def test_no_letter_is_lost_but_those_of_running_lines_and_mended_hyphens(pages):
    made = compose(pages, ())
    if not made.running_lines and not any(line.row for page in pages for line in page.lines()):
        printed = "".join(line.text for page in pages for line in page.lines())
        assert _letters(made.text) == _letters(printed)


def _letters(text):
    return [letter for letter in text if letter.isalnum()]


@pytest.mark.parametrize(
    "name",
    ["multi-column-2p.pdf", "korean-text-with-tables.pdf", "vertical.pdf", "habibi.pdf", "multicolumn.pdf"],
)
def test_boxes_hold_for_shared_files(shared_data, name):
    with using(Options(ocr="off")):
        loaded = pdf.load((shared_data / "parsers/files" / name).read_bytes(), name)
    assert_boxes_hold(loaded.text, loaded.pages, loaded.boxes)


def test_every_shared_file_with_text_has_boxes(shared_data):
    cases = map(json.loads, (shared_data / "parsers/manifest.jsonl").read_text("utf-8").splitlines())
    small = [case for case in cases if case["file"].endswith(".pdf") and case["bytes"] < 30_000]
    for case in small:
        if case["expect"] == "text":
            loaded = pdf.load((shared_data / "parsers" / case["file"]).read_bytes(), case["file"])
            assert loaded.boxes or loaded.report["reader"] == "pypdf", case["file"]
            assert_boxes_hold(loaded.text, loaded.pages, loaded.boxes)
