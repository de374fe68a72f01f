import struct

import pytest

from ingest.loaders import doc
from rag.errors import UnreadableFile
from tests.unit.ingest.compound import compound

_BYTES, _WIDE, _PAGE = 0x800, 0x900, 5  # where texts stand, and the page of formats
_VANISH, _IN_TABLE, _ROW_END = (struct.pack("<HB", sprm, 1) for sprm in (0x083C, 0x2416, 0x2417))


def word(narrow, wide="", *, parts=(), runs=(), paragraphs=(), flags=0x0200):
    """A document of a piece in bytes and a piece in two bytes a character.

    `runs` and `paragraphs` are (end in the first piece, properties); `parts` are lengths after the body.
    """
    stream = bytearray(0xE00)
    stream[_BYTES : _BYTES + len(narrow)] = narrow.encode("cp1252")
    stream[_WIDE : _WIDE + 2 * len(wide)] = wide.encode("utf-16-le")
    length = len(narrow) + len(wide)
    struct.pack_into("<H", stream, 0, 0xA5EC)
    struct.pack_into("<H", stream, 0x0A, flags)
    struct.pack_into(f"<{1 + len(parts)}I", stream, 0x4C, length - sum(parts), *parts)
    pieces = struct.pack("<III", 0, len(narrow), length)
    pieces += struct.pack("<HIH", 0, _BYTES * 2 | 1 << 30, 0) + struct.pack("<HIH", 0, _WIDE, 0)
    table = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", stream, 0x1A2, 0, len(table))
    for number, (header, found) in enumerate(((0xFA, runs), (0x102, paragraphs))):
        if found:
            struct.pack_into("<II", stream, header, len(table), 12)
            table += struct.pack("<III", _BYTES, _WIDE, _PAGE + number)
            stream[(_PAGE + number) * 512 : (_PAGE + number + 1) * 512] = _formats(found, number)
    return compound({"WordDocument": bytes(stream), "1Table": table})


def _formats(found, is_paragraphs):
    """A page of formats: ends, places of the properties, the properties themselves, and the count."""
    page = bytearray(512)
    struct.pack_into(f"<{len(found) + 1}I", page, 0, _BYTES, *(_BYTES + end for end, _ in found))
    at = 200
    for number, (_, raw) in enumerate(found):
        if not raw:
            continue
        raw = raw + bytes(len(raw) % 2 == 0 if is_paragraphs else 0)
        page[4 * (len(found) + 1) + (13 if is_paragraphs else 1) * number] = at // 2
        size = (len(raw) + 1) // 2 if is_paragraphs else len(raw)
        page[at : at + 1 + len(raw)] = bytes([size]) + raw
        at += 40
    page[511] = len(found)
    return page


def load(*texts, **more):
    return doc.load(word(*texts, **more), "a.doc")


def test_pieces_of_both_widths_are_read():
    assert load("It’s here.\r", "年假十五天。\r").text == "It’s here.\n\n年假十五天。"


def test_headings_are_known_by_their_styles():
    loaded = load("Leave\rDays.\r", paragraphs=[(6, b"\x02\x00"), (12, b"\x00\x00")])
    assert [s.heading for s in loaded.sections] == [("Leave",)]
    assert loaded.text == "Leave\n\nDays."


def test_cells_become_rows():
    cell, end = b"\x00\x00" + _IN_TABLE, b"\x00\x00" + _IN_TABLE + _ROW_END
    text = "A\x07B\x07\x07c\x07d\x07\x07after\r"
    marks = [(2, cell), (4, cell), (5, end), (7, cell), (9, cell), (10, end), (16, b"\x00\x00")]
    loaded = load(text, paragraphs=marks)
    assert loaded.text == "A | B\nc | d\n\nafter"
    assert loaded.report["tables"] == 1


def test_hidden_text_is_left_out_and_counted():
    loaded = load("seen HIDDEN end\r", runs=[(5, b""), (12, _VANISH), (16, b"")])
    assert loaded.text == "seen end"
    assert loaded.report["hidden"] == {"vanish": 6}


def test_fields_show_their_results():
    text = "see \x13 HYPERLINK \x13 PAGE \x14 9 \x15 \x14our site\x15 now\r"
    assert load(text).text == "see our site now"


def test_notes_stand_at_the_end_and_running_heads_are_not_searched():
    loaded = load("body\rnote\rhead\r", parts=(5, 5))
    assert loaded.text == "body\n\n[1] note\nhead"
    assert [loaded.text[s.span.start : s.span.end].strip() for s in loaded.sections] == ["body", "[1] note"]


def test_a_locked_document_says_so():
    with pytest.raises(UnreadableFile) as caught:
        load("x\r", flags=0x0300)
    assert caught.value.state == "password needed"
    assert "--password-file" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"{\\rtf1 rich\\par}", "rich"),
        (b"<html><body><p>web</p></body></html>", "web"),
        ("纯文本".encode(), "纯文本"),
    ],
)
def test_a_file_that_only_has_the_name_is_read_as_what_it_is(data, text):
    assert doc.load(data, "a.doc").text.strip() == text


def test_a_compound_file_of_another_kind_is_refused():
    with pytest.raises(UnreadableFile, match="not a file of Word"):
        doc.load(compound({"Other": b"x"}), "a.doc")


def test_the_shared_document_is_read(shared_data):
    data = (shared_data / "parsers/files/fake.doc").read_bytes()
    assert doc.load(data, "fake.doc").text == "Lorem ipsum dolor sit amet."
