import zipfile
from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest import zipped
from ingest.loaders import docx as loader
from rag.errors import UnreadableFile


def load(document):
    stream = BytesIO()
    document.save(stream)
    return loader.load(stream.getvalue(), "a.docx")


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


def test_hidden_and_deleted_text_is_left_out():
    document = docx.Document()
    paragraph = document.add_paragraph("seen ")
    paragraph.add_run("HIDDEN").font.hidden = True
    deleted = f'<w:del {nsdecls("w")} w:id="1"><w:r><w:delText>GONE</w:delText></w:r></w:del>'
    paragraph._p.append(parse_xml(deleted))
    loaded = load(document)
    assert loaded.text == "seen"
    assert loaded.report["hidden"] == 1


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


def archive(parts):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return stream.getvalue()


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
