import pytest

from ingest.loaders import rtf
from rag.errors import UnreadableFile

HEAD = (
    rb"{\rtf1\ansi\ansicpg936\deff0"
    rb"{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset0 Arial;}{\f2\fcharset204 A;}}"
    rb"{\colortbl;\red255\green255\blue255;}"
    rb"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s2 Title;}{\cs3 heading 2;}}"
)


def load(body):
    return rtf.load(HEAD + rb"\pard " + body + b"}", "a.rtf")


def test_bytes_are_read_in_the_code_page_of_their_font():
    body = b"\\f0 " + "".join(f"\\'{b:02x}" for b in "年假".encode("gbk")).encode() + b"\\f2\\'ff"
    assert load(body).text == "年假я"


def test_a_second_byte_may_stand_unescaped():
    assert load(b"\\'81@").text == b"\x81@".decode("gb18030")


def test_unicode_escapes_replace_what_old_programs_are_given():
    assert load(rb"\u24180?\uc2\u20551\'81\'40 and \uc1\u-10179?\u-8704?").text == "年假 and 😀"


def test_headings_and_the_title_are_known_by_their_styles():
    loaded = load(rb"\s2 Manual\par\pard\s1 Leave \emdash  why\par\pard Days.\par")
    assert loaded.title == "Manual"
    assert loaded.text == "Manual\n\nLeave — why\n\nDays."
    assert [s.heading for s in loaded.sections] == [(), ("Leave — why",)]


def test_items_keep_their_numbers():
    body = rb"{\listtext 1.\tab}open\par{\listtext\'b7\tab}close\par"
    assert load(body).text == "1. open\n- close"


def test_rows_tell_merged_cells_as_every_table_does():
    row = rb"\trowd%s\cellx1%s\cellx2\pard\intbl %s\cell %s\cell\row"
    body = b"".join(
        (
            row % (b"", b"", b"City", b"Limit"),
            row % (rb"\clvmgf", b"", b"Oslo", b"1"),
            row % (rb"\clvmrg", b"", b"", b"2"),
            row % (rb"\clmgf", rb"\clmrg", b"all", b""),
        )
    )
    loaded = load(body + rb"\pard after\par")
    assert loaded.text == "City | Limit\nOslo | 1\nOslo | 2\nall\n\nafter"
    assert loaded.report["tables"] == 1


def test_pictures_objects_and_unknown_groups_are_skipped():
    body = (
        rb"a{\pict\pngblip 89504e47\bin3 }}{}{\*\unknown b}{\object{\*\objdata 00ff}{\result c}}"
        rb'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}'
    )
    assert load(body).text == "aclink"


def test_text_that_nobody_sees_is_left_out_and_counted():
    loaded = load(rb"seen{\v HIDDEN}{\cf1 WHITE}{\fs2 DOT}{\deleted GONE}{\*\annotation hm}")
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == {"vanish": 6, "white": 5, "tiny": 3, "deleted": 4, "comment": 2}


def test_white_text_on_a_ground_is_read():
    assert load(rb"{\cf1\highlight2 light}").text == "light"


def test_footnotes_stand_at_the_end_and_running_heads_are_not_searched():
    loaded = load(rb"{\header Internal\par}text{\footnote why} on\par")
    assert loaded.text == "text on\n\n[1] why\nInternal"
    assert "Internal" not in "".join(loaded.text[s.span.start : s.span.end] for s in loaded.sections)


def test_page_breaks_begin_pages():
    loaded = load(rb"one\page two\par")
    assert [loaded.text[p : p + 3] for p in loaded.pages] == ["one", "two"]


def test_what_is_not_rtf_is_refused():
    with pytest.raises(UnreadableFile, match="not an RTF"):
        rtf.load(b"plain", "a.rtf")
