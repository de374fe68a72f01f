import zipfile
from io import BytesIO

import pytest

from ingest.loaders import epub
from rag.errors import UnreadableFile

CONTAINER = '<container><rootfiles><rootfile full-path="o/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>员工 Guide</dc:title></metadata>
<manifest><item id="two" href="two.xhtml"/><item id="one" href="a%20one.xhtml"/>
<item id="more" href="more.xhtml"/><item id="toc" href="toc.ncx"/><item id="css" href="a.css"/></manifest>
<spine><itemref idref="one"/><itemref idref="more"/>
<itemref idref="two"/><itemref idref="css"/></spine></package>"""
CONTENTS = """<ncx><navMap><navPoint><navLabel><text>First chapter</text></navLabel>
<content src="a%20one.xhtml#x"/></navPoint></navMap></ncx>"""


def book(**others):
    files = {
        "META-INF/container.xml": CONTAINER,
        "o/book.opf": PACKAGE,
        "o/toc.ncx": CONTENTS,
        "o/a one.xhtml": "<html><head><title>noise</title></head><p>One.</p><p hidden>SECRET</p></html>",
        "o/more.xhtml": "<html><body><p>还有。</p></body></html>",
        "o/two.xhtml": "<html><body><h1>Second</h1><p>Two.</p></body></html>",
    } | others
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def test_chapters_come_in_the_order_of_the_spine_under_their_titles():
    loaded = epub.load(book(), "a.epub")
    assert loaded.title == "员工 Guide"
    assert loaded.text == "First chapter\n\nOne.\n\n还有。\n\nSecond\n\nTwo.\n\n"
    assert [s.heading for s in loaded.sections] == [*[("First chapter",)] * 3, ("Second",)]
    assert loaded.report["hidden"] == {"not displayed": 6}


def test_a_book_whose_chapters_are_encrypted_is_locked():
    lock = '<encryption><EncryptedData><CipherReference URI="o/two.xhtml"/></EncryptedData></encryption>'
    with pytest.raises(UnreadableFile) as caught:
        epub.load(book(**{"META-INF/encryption.xml": lock}), "a.epub")
    assert caught.value.state == "password needed"


def test_a_book_whose_fonts_are_encrypted_is_read():
    lock = '<encryption><EncryptedData><CipherReference URI="o/a.otf"/></EncryptedData></encryption>'
    assert "Two." in epub.load(book(**{"META-INF/encryption.xml": lock}), "a.epub").text


def test_entities_of_the_package_are_not_resolved():
    package = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PACKAGE.replace(
        "员工 Guide", "&x;Guide"
    )
    assert epub.load(book(**{"o/book.opf": package}), "a.epub").title == "&x;Guide"


def test_a_reference_out_of_the_book_is_a_missing_chapter():
    package = PACKAGE.replace("two.xhtml", "../../../etc/two.xhtml")
    loaded = epub.load(book(**{"o/book.opf": package}), "a.epub")
    assert loaded.report["warnings"] == ["a chapter is missing: ../../etc/two.xhtml"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", book()[:-300]])
def test_a_broken_book_is_refused(data):
    with pytest.raises(UnreadableFile) as caught:
        epub.load(data, "a.epub")
    assert caught.value.hint
