import zipfile
from io import BytesIO

import pytest

from ingest.loaders import odf
from rag.errors import UnreadableFile

_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    )
)


def flat(kind, body, styles=""):
    return (
        f"<office:document {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    )


def zipped(**parts):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", data)
    return stream.getvalue()


def load(kind, body, styles=""):
    return odf.load(flat(kind, body, styles).encode(), "a.fodt")


def style(name, family, properties, kind="text"):
    inner = f"<style:{kind}-properties {properties}/>"
    return f'<style:style style:name="{name}" style:family="{family}">{inner}</style:style>'


def p(*inside):
    return f"<text:p>{''.join(inside)}</text:p>"


def span(name, text):
    return f'<text:span text:style-name="{name}">{text}</text:span>'


def cell(text, more=""):
    return f"<table:table-cell {more}>{p(text)}</table:table-cell>"


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def table(*rows, more=""):
    return f"<table:table {more}>{''.join(rows)}</table:table>"


def items(*inside, more=""):
    found = "".join(f"<text:list-item>{item}</text:list-item>" for item in inside)
    return f"<text:list {more}>{found}</text:list>"


def frame(text, more=""):
    return f"<draw:frame {more}><draw:text-box>{p(text)}</draw:text-box></draw:frame>"


def test_headings_paragraphs_and_lists_come_in_their_order():
    level = '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    numbered = f'<text:list-style style:name="L">{level}</text:list-style>'
    heading = '<text:h text:outline-level="1">休假</text:h>'
    body = p('Fifteen<text:s text:c="2"/>days<text:tab/>a year.')
    steps = items(p("ask") + items(p("early")), p("go"), more='text:style-name="L"')
    loaded = load("text", heading + body + steps, numbered)
    assert loaded.text == "休假\n\nFifteen  days a year.\n1. ask\n  - early\n2. go"
    assert [s.heading for s in loaded.sections] == [("休假",)]


def test_a_zipped_file_is_read_with_its_title():
    meta = '<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>手册</dc:title></m>'
    loaded = odf.load(zipped(content=flat("text", "<text:p>x</text:p>"), meta=meta), "a.odt")
    assert (loaded.title, loaded.text) == ("手册", "x")


def test_merged_cells_are_told_as_in_every_table():
    covered = "<table:covered-table-cell/>"
    body = table(
        row(cell("City"), cell("Limit")),
        row(cell("上海", 'table:number-rows-spanned="2"'), cell("1")),
        row(covered, cell("2")),
        row(cell("all", 'table:number-columns-spanned="2"'), covered),
    )
    loaded = load("text", body)
    assert loaded.text == "City | Limit\n上海 | 1\n上海 | 2\nall"
    assert loaded.report["tables"] == 1


def test_text_that_nobody_sees_is_left_out_and_counted():
    styles = (
        style("V", "text", 'text:display="none"')
        + style("W", "text", 'fo:color="#ffffff"')
        + style("T", "text", 'fo:font-size="1pt"')
    )
    comment = f"<office:annotation>{p('hm')}</office:annotation>"
    body = (
        p("seen", span("V", "vanish"), span("W", "白"), span("T", "dot"), comment)
        + f"<text:tracked-changes>{p('gone')}</text:tracked-changes>"
        + f'<text:section text:display="none">{p("off")}</text:section>'
    )
    loaded = load("text", body, styles)
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == {
        "vanish": 6,
        "white": 1,
        "tiny": 3,
        "comment": 2,
        "deleted": 4,
        "not displayed": 3,
    }


def test_white_text_on_a_filled_cell_is_read():
    styles = style("W", "text", 'fo:color="#ffffff"')
    styles += style("C", "table-cell", 'fo:background-color="#1f3864"', "table-cell")
    body = table(row(cell(span("W", "表头"), 'table:style-name="C"')))
    assert load("text", body, styles).text == "表头"


def test_footnotes_stand_at_the_end():
    citation = "<text:note-citation>1</text:note-citation>"
    note = f"<text:note>{citation}<text:note-body>{p('脚注')}</text:note-body></text:note>"
    assert load("text", p(f"Text{note} on.")).text == "Text on.\n\n[1] 脚注"


def test_sheets_become_records_and_hidden_ones_are_counted():
    inflated = row(
        '<table:table-cell table:number-columns-repeated="16384"/>',
        more='table:number-rows-repeated="1048570"',
    )
    shown = table(
        row(cell("品名"), cell("单价")),
        row(cell("螺丝"), cell("2.00")),
        row(cell("x"), cell("y"), more='table:visibility="collapse"'),
        inflated,
        more='table:name="价目"',
    )
    hidden = table(row(cell("secret")), more='table:name="S" table:style-name="H"')
    loaded = load("spreadsheet", shown + hidden, style("H", "table", 'table:display="false"', "table"))
    assert loaded.text == "价目\n\n品名: 螺丝; 单价: 2.00"
    assert loaded.report["hidden"] == {"hidden row": 2, "hidden sheet": 6}


def test_slides_are_pages_headed_by_their_titles():
    def page(title, body, more=""):
        shapes = frame(body, 'svg:y="5cm"') + frame(title, 'presentation:class="title" svg:y="9cm"')
        notes = f"<presentation:notes>{frame('say it')}</presentation:notes>"
        return f"<draw:page {more}>{shapes}{notes}</draw:page>"

    hidden = style("H", "drawing-page", 'presentation:visibility="hidden"', "drawing-page")
    body = page("目标", "收入") + page("x", "y", 'draw:style-name="H"')
    loaded = load("presentation", body, hidden)
    assert loaded.text == "目标\n\n收入\n\nNotes:\nsay it"
    assert len(loaded.pages) == 1
    assert loaded.report["hidden"] == {"hidden slide": 7}


def test_a_locked_file_says_so():
    data = zipped(content="<x/>", **{"META-INF__manifest": "<manifest:encryption-data/>"})
    with pytest.raises(UnreadableFile) as caught:
        odf.load(data, "a.odt")
    assert caught.value.state == "password needed"


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"<x/>", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', zipped(a="<x/>")]
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(UnreadableFile) as caught:
        odf.load(data, "a.odt")
    assert caught.value.hint
