import pytest

from ingest.loaders import xml
from rag.errors import UnreadableFile


def load(text, charset="utf-8"):
    return xml.load(text.encode(charset), "staff_list.xml")


def test_elements_of_values_are_records():
    loaded = load(
        "<员工><人><姓名>张伟</姓名><电话>123</电话></人><人><姓名>李娜</姓名><电话>456</电话></人></员工>"
    )
    assert loaded.text == "姓名: 张伟; 电话: 123\n姓名: 李娜; 电话: 456\n"
    assert loaded.title == "staff list"


def test_running_text_is_paragraphs_under_the_titles_of_its_elements():
    loaded = load(
        "<book><title>Guide</title><chapter><title>One</title><para>Some <em>text</em> here.</para></chapter>"
        "<chapter><title>二</title><para>正文<b>粗</b>。</para></chapter></book>"
    )
    assert loaded.text == "Guide\n\nOne\n\nSome text here.\n\n二\n\n正文粗。\n"
    assert [s.heading for s in loaded.sections] == [("Guide",), ("Guide", "One"), ("Guide", "二")]
    assert loaded.title == "Guide"


def test_attributes_say_values():
    loaded = load('<c><server host="a" port="1"/><wait unit="s">30</wait><text name="hi">Hello</text></c>')
    assert "wait: 30 (unit: s)" in loaded.text
    assert "text hi: Hello" in loaded.text
    assert "server.host: a" in loaded.text


def test_the_declared_encoding_counts():
    assert "短" in load('<?xml version="1.0" encoding="GB2312"?><a><b>短</b><c>x</c></a>', "gb2312").text


def test_comments_are_left_out_and_counted():
    loaded = load("<a><!-- secret --><b>x</b><c>y</c></a>")
    assert "secret" not in loaded.text
    assert loaded.report["hidden"] == {"comment": 6}


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "x">', '<!ENTITY a SYSTEM "file:///etc/hostname">', '<!ENTITY % a "x">']
)
def test_entities_are_refused(entity):
    with pytest.raises(UnreadableFile, match="defines entities"):
        load(f"<!DOCTYPE r [{entity}]><r>x</r>")


def test_a_dtd_elsewhere_is_not_looked_at():
    loaded = load('<!DOCTYPE r SYSTEM "http://localhost:9/r.dtd"><r>one&nbsp;two</r>')
    assert loaded.text == "onetwo\n"
    assert loaded.report["warnings"] == ["references to entities of a DTD are left out"]


def test_what_is_not_well_formed_is_named_with_line_and_column():
    with pytest.raises(UnreadableFile, match="line 2, column 3: mismatched tag"):
        load("<a>\n</b>")


def test_deep_nesting_is_survived():
    assert "deep" in load("<a>" * 100_000 + "deep" + "</a>" * 100_000).text


def test_nesting_beyond_all_measure_is_refused():
    with pytest.raises(UnreadableFile, match="nested too deeply") as caught:
        load("<a>" * 300_000)
    assert caught.value.state == "too large"
