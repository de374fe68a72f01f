import zipfile
from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor

from ingest.loaders import docx as loader
from ingest.wall import zipped
from rag.errors import UnreadableFile


def saved(document):
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def load(document):
    return loader.load(saved(document), "a.docx")


def archive(parts):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return stream.getvalue()


def with_parts(data, parts, kind="footnotes"):
    """The file with more parts, to which its document points."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        held = {name: old.read(name) for name in old.namelist()}
    relations = "".join(
        f'<Relationship Id="x{n}" Target="{name.removeprefix("word/")}" Type="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships/{kind}"/>'
        for n, name in enumerate(parts)
    )
    rels = "word/_rels/document.xml.rels"
    held[rels] = held[rels].replace(b"</Relationships>", relations.encode() + b"</Relationships>")
    return archive(held | parts)


def test_headings_lists_and_tables_come_in_the_order_of_the_document():
    document = docx.Document()
    document.add_heading("员工手册", 0)
    document.add_heading("Leave", 1)
    document.add_paragraph("Fifteen days.")
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["City", "Limit", "北京", "550\n元"], strict=True):
        cell.text = text
    document.add_heading("How?", 2)
    document.add_paragraph("Ask.")
    loaded = load(document)
    assert loaded.title == "员工手册"
    assert loaded.text == (
        "员工手册\n\nLeave\n\nFifteen days.\n- one\n- two\n\nCity | Limit\n北京 | 550 元\n\nHow?\n\nAsk."
    )
    assert [s.heading for s in loaded.sections] == [(), ("Leave",), ("Leave", "How?")]
    assert loaded.report["tables"] == 1


def test_numbered_items_carry_their_numbers():
    document = docx.Document()
    for text in ("open", "close"):
        document.add_paragraph(text, style="List Number")
    assert load(document).text == "1. open\n2. close"


def test_chinese_articles_are_numbered_as_word_numbers_them():
    document = docx.Document()
    way = '<w:start w:val="9"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/>'
    level = f'<w:lvl w:ilvl="0">{way}</w:lvl>'
    numbering = document.part.numbering_part.element
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{level}</w:abstractNum>')
    )
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text in ("年假", "病假", "事假"):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
        )
    assert load(document).text == "第九条 年假\n第十条 病假\n第十一条 事假"


def test_a_cell_merged_downwards_is_repeated_and_one_merged_sideways_told_once():
    document = docx.Document()
    table = document.add_table(3, 3)
    for number, cell in enumerate(table._cells):
        cell.text = str(number)
    table.cell(1, 0).merge(table.cell(2, 0)).text = "down"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "wide"
    assert load(document).text == "0 | 1 | 2\ndown | wide\ndown | 7 | 8"


def test_a_table_of_one_cell_is_a_frame_around_its_paragraphs():
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "first"
    cell.add_paragraph("second")
    assert load(document).text == "first\n\nsecond"


def test_text_that_nobody_sees_is_left_out_and_counted_by_its_reason():
    document = docx.Document()
    paragraph = document.add_paragraph("seen ")
    paragraph.add_run("HIDDEN").font.hidden = True
    white = paragraph.add_run("白字")
    white.font.color.rgb = RGBColor(255, 255, 255)
    paragraph.add_run("DOT").font.size = Pt(1)
    deleted = f'<w:del {nsdecls("w")} w:id="1"><w:r><w:delText>GONE</w:delText></w:r></w:del>'
    paragraph._p.append(parse_xml(deleted))
    loaded = load(document)
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == {"vanish": 6, "white": 2, "tiny": 3, "deleted": 4}


def test_white_text_on_a_dark_ground_is_read():
    document = docx.Document()
    cell = document.add_table(1, 2).cell(0, 0)
    run = cell.paragraphs[0].add_run("表头")
    run.font.color.rgb = RGBColor(255, 255, 255)
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="1F3864"/>')
    cell._tc.get_or_add_tcPr().append(shade)
    assert load(document).text.startswith("表头")


def test_a_hidden_style_hides():
    document = docx.Document()
    style = document.styles.add_style("Secret", 1)
    style.font.hidden = True
    document.add_paragraph("nobody", style="Secret")
    document.add_paragraph("everybody")
    assert load(document).text == "everybody"


def test_a_text_box_is_read_once():
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run = (
        f'<w:r {nsdecls("w")} {mc}><mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    document.add_paragraph("before")._p.append(parse_xml(run))
    document.add_paragraph("after")
    assert load(document).text == "before\n\nin the box\n\nafter"


def test_equations_are_told_with_their_brackets():
    document = docx.Document()
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    base = "<m:d><m:e><m:r><m:t>x+a</m:t></m:r></m:e></m:d>"
    power = f"<m:sSup><m:e>{base}</m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    document.add_paragraph("so ")._p.append(parse_xml(f"<m:oMath {m}>{power}</m:oMath>"))
    assert load(document).text == "so (x+a)^2"


def test_footnotes_stand_at_the_end_under_no_heading():
    document = docx.Document()
    document.add_heading("Pay", 1)
    document.add_paragraph("Monthly.")
    notes = (
        f"<w:footnotes {nsdecls('w')}>"
        '<w:footnote w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>'
        "<w:footnote><w:p><w:r><w:t>每月 10 日</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    loaded = loader.load(with_parts(saved(document), {"word/footnotes.xml": notes.encode()}), "a.docx")
    assert loaded.text == "Pay\n\nMonthly.\n\n[1] 每月 10 日"
    assert [s.heading for s in loaded.sections] == [("Pay",), ()]


def test_comments_are_counted_and_not_said():
    document = docx.Document()
    paragraph = document.add_paragraph("text")
    document.add_comment(paragraph.runs, text="wrong!", author="a", initials="a")
    loaded = load(document)
    assert loaded.text == "text"
    assert loaded.report["hidden"] == {"comment": 6}


def test_running_heads_are_in_the_text_and_not_searched():
    document = docx.Document()
    document.add_paragraph("body")
    document.sections[0].header.paragraphs[0].text = "Internal"
    loaded = load(document)
    assert loaded.text == "body\nInternal"
    assert [loaded.text[s.span.start : s.span.end] for s in loaded.sections] == ["body"]


def test_a_page_break_begins_a_page():
    document = docx.Document()
    document.add_paragraph("one").runs[0].add_break(docx.enum.text.WD_BREAK.PAGE)
    document.add_paragraph("two")
    loaded = load(document)
    assert [loaded.text[p : p + 3] for p in loaded.pages] == ["one", "two"]
    assert loaded.report["pages"] == 2


def test_a_numbered_heading_at_the_top_of_a_page_stands_wholly_on_it():
    document = docx.Document()
    document.add_paragraph("one")
    heading = document.add_paragraph("Pay", style="List Number")
    outline = parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>')
    heading._p.get_or_add_pPr().append(outline)
    heading.runs[0]._r.insert(0, parse_xml(f"<w:lastRenderedPageBreak {nsdecls('w')}/>"))
    loaded = load(document)
    assert [loaded.text[p : p + 6] for p in loaded.pages] == ["one\n\n1", "1. Pay"]
    assert loaded.sections[-1].heading == ("1. Pay",)


def test_page_breaks_that_cannot_be_all_are_no_pages():
    document = docx.Document()
    document.add_paragraph("long " * loader.LONGEST_PAGE).runs[0].add_break(docx.enum.text.WD_BREAK.PAGE)
    document.add_paragraph("two")
    assert load(document).pages == ()


def test_the_strict_variant_is_read():
    parts = {
        "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
        "word/document.xml": b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>'
        b"<w:p><w:r><w:t>strict</w:t></w:r></w:p></w:body></w:document>",
    }
    assert loader.load(archive(parts), "a.docx").text == "strict"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding):
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'
        f"<w:document {nsdecls('w')}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(UnreadableFile, match="entities"):
        loader.load(archive({"word/document.xml": xml.encode(encoding)}), "a.docx")


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 but no more", "damaged"),
        (archive({"a.txt": b"not Word"}), "damaged"),
        (archive({"word/document.xml": bytes(zipped.MOST_BYTES + 1)}), "too large"),
        (archive({"word/document.xml": b" " * (8 << 20)}), "too large"),
        (archive({str(n): b"" for n in range(zipped.MOST_ENTRIES + 1)}), "too large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password needed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "damaged"),
    ],
)
def test_what_is_no_readable_document_is_refused(data, state):
    with pytest.raises(UnreadableFile) as caught:
        loader.load(data, "a.docx")
    assert caught.value.state == state
    assert caught.value.hint
