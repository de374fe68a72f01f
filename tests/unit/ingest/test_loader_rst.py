from ingest.loaders import rst

PAGE = """=====
Guide
=====

Intro.

.. a remark
   of two lines

Leave :ref:`days <d>`
---------------------

.. note:: seen

.. _target:

请假
~~~~

正文

===== =====
a     b
===== =====
1     2
===== =====

Other
-----
x
"""


def parts(loaded):
    return [(s.heading, loaded.text[s.span.start : s.span.end]) for s in loaded.sections]


def test_levels_follow_the_adornments_as_they_come():
    loaded = rst.load(PAGE.encode(), "a.rst")
    assert list(dict.fromkeys(heading for heading, _ in parts(loaded))) == [
        ("Guide",),
        ("Guide", "Leave days"),
        ("Guide", "Leave days", "请假"),
        ("Guide", "Other"),
    ]
    assert loaded.text == PAGE
    assert loaded.title == "Guide"


def test_a_comment_is_in_no_section_and_counted_and_markup_stays():
    loaded = rst.load(PAGE.encode(), "a.rst")
    searched = "".join(part for _, part in parts(loaded))
    assert "remark" not in searched
    assert ".. note:: seen" in searched
    assert ".. _target:" in searched
    assert loaded.report["hidden"] == {"comment": len("aremarkoftwolines")}


def test_the_frame_of_a_table_is_no_heading():
    assert all("a     b" not in " ".join(heading) for heading, _ in parts(rst.load(PAGE.encode(), "a.rst")))


def test_windows_newlines_change_nothing_but_offsets():
    loaded = rst.load(PAGE.replace("\n", "\r\n").encode(), "a.rst")
    assert ("Guide", "Leave days", "请假") in [heading for heading, _ in parts(loaded)]


def test_lines_of_lone_marks_are_no_headings():
    loaded = rst.load(b"=\n-\n" * 3 + "年假\n====\n\ntext\n".encode(), "a.rst")
    assert [section.heading for section in loaded.sections][-1] != ("=",)
    assert "年假" in loaded.text


def test_an_overline_that_differs_from_the_underline_makes_no_level_of_its_own():
    loaded = rst.load(b"----\nTitle\n====\n\ntext\n", "a.rst")
    assert "text" in loaded.text
    assert ("----",) not in [section.heading for section in loaded.sections]
