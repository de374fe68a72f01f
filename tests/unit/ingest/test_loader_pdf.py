from io import BytesIO

import pypdf
import pytest

from ingest.formats.pdf.lines import paragraphs
from ingest.loaders import pdf
from ingest.options import Options, using
from rag.errors import UnreadableFile


def made(*pages, outline=()):
    """A PDF of these pages, a line of text for each line."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for page in pages:
        shown = " ".join(f"({line}) Tj T*" for line in page.split("\n") if line)
        stream = f"BT /F1 12 Tf 14 TL 50 750 Td {shown} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        content = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body = b"%PDF-1.4\n"
    offsets = []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    data = body + end.encode()
    if not outline:
        return data

    def add(writer):
        for title, page in outline:
            writer.add_outline_item(title=title, page_number=page)

    return rewritten(data, add)


def rewritten(data, change):
    writer = pypdf.PdfWriter(BytesIO(data))
    change(writer)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_pages_keep_their_offsets():
    loaded = pdf.load(made("First page.", "", "Third page."), "a.pdf")
    assert loaded.text == "First page.\n\nThird page."
    assert loaded.pages == (0, 13, 13)
    assert loaded.report == {"reader": "pypdfium2", "pages": 3, "pages_without_text": [2]}


def test_the_outline_gives_the_headings():
    data = made("Leave\nFifteen days.", "Travel\nBook early.", outline=[("Leave", 0), ("Travel", 1)])
    loaded = pdf.load(data, "a.pdf")
    assert [s.heading for s in loaded.sections] == [("Leave",), ("Travel",)]


def test_a_password_is_asked_for():
    data = rewritten(made("secret"), lambda writer: writer.encrypt("pass", algorithm="AES-256"))
    with pytest.raises(UnreadableFile) as caught:
        pdf.load(data, "a.pdf")
    assert caught.value.state == "password needed"


def test_the_passwords_of_the_run_are_tried():
    data = rewritten(made("secret"), lambda writer: writer.encrypt("pass", algorithm="AES-256"))
    with using(Options(passwords=("wrong", "pass"))):
        assert pdf.load(data, "a.pdf").text == "secret"


def test_attachments_are_named():
    data = rewritten(made("See the list."), lambda writer: writer.add_attachment("list.xlsx", b"x"))
    assert pdf.load(data, "a.pdf").report["attachments"] == ["list.xlsx"]


def test_a_file_that_only_its_owner_may_change_is_read():
    data = rewritten(made("open"), lambda writer: writer.encrypt("", "owner", algorithm="AES-256"))
    assert pdf.load(data, "a.pdf").text == "open"


def test_pages_without_text_need_ocr():
    with using(Options(ocr="off")), pytest.raises(UnreadableFile) as caught:
        pdf.load(made("", ""), "a.pdf")
    assert caught.value.state == "ocr needed"
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"", b"no PDF at all", b"%PDF-1.7\n" + bytes(range(256)) * 20])
def test_what_is_no_pdf_is_damaged(data):
    with pytest.raises(UnreadableFile) as caught:
        pdf.load(data, "a.pdf")
    assert caught.value.state == "damaged"
    assert caught.value.hint


def test_a_word_divided_at_the_end_of_a_line_is_made_whole():
    assert "international rules" in paragraphs(
        "Our customers all over Europe obey inter-\nnational rules here."
    )


def test_a_hyphen_that_the_page_also_writes_within_a_line_stays():
    page = "The carbon-free plan of the company is long and goes on with carbon-\nfree energy for all of us."
    assert "carbon-free energy" in paragraphs(page)


def test_lines_of_a_paragraph_are_joined_and_short_lines_end_it():
    page = (
        "All employees of the company are entitled to leave from\n"
        "the first day of their contract on, without exception or\n"
        "trial.\nShort line.\n- an item\n- another item"
    )
    assert paragraphs(page) == (
        "All employees of the company are entitled to leave from the first day of their contract on, "
        "without exception or trial.\nShort line.\n- an item\n- another item"
    )


def test_chinese_lines_are_joined_without_a_blank():
    page = "出差前在报销系统里填写出差申请，写明事由、日期和预算。预算在五千元以内的由部门负责\n人批准。"
    assert "部门负责人批准" in paragraphs(page)


def test_a_heading_is_not_joined_to_the_line_before_it():
    page = "All employees of the company are entitled to leave from day one\nTravel and hotels\nBook early."
    assert "\nTravel and hotels\n" in paragraphs(page, {"Travel and hotels"})
