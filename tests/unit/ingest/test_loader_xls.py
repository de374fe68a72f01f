from io import BytesIO

import openpyxl
import pytest

from ingest.loaders import xls
from rag.errors import UnreadableFile


def test_the_shared_workbook_has_a_page_a_sheet_and_records(shared_data):
    loaded = xls.load((shared_data / "parsers/files/tests-example.xls").read_bytes(), "a.xls")
    assert "Abbreviation: TF; Question Type: True/False" in loaded.text
    assert "MC | What is 2+2? | 4 | correct | 3 | incorrect" in loaded.text
    assert loaded.report["pages"] == len(loaded.pages) == 3
    assert loaded.report["reader"] == "xlrd"


def test_a_present_workbook_under_an_old_name_is_read():
    book, stream = openpyxl.Workbook(), BytesIO()
    book["Sheet"].append(["价格", 2])
    book.save(stream)
    assert xls.load(stream.getvalue(), "a.xls").text == "价格 | 2"


def test_a_web_page_under_the_name_of_a_workbook_is_read():
    page = "<html><table><tr><th>城市</th><th>限额</th></tr><tr><td>北京</td><td>550</td></tr></table></html>"
    assert "北京 | 550" in xls.load(page.encode(), "a.xls").text


def test_tabbed_text_under_the_name_of_a_workbook_is_read():
    assert xls.load(b"City\tLimit\nOslo\t120\n", "a.xls").text == "City: Oslo; Limit: 120"


@pytest.mark.parametrize(
    "data", [b"\0\1\2", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"\x09\x08\x10\x00"]
)
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(UnreadableFile) as caught:
        xls.load(data, "a.xls")
    assert caught.value.state == "damaged"
    assert caught.value.hint
