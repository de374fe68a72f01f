"""Whatever happens to the bytes of an office file, its loader says so or reads what is left."""

import random
from functools import cache
from io import BytesIO

import docx
import openpyxl
import pptx
import pytest

from ingest.loaders import loader_for
from rag.errors import UnreadableFile
from tests.unit.ingest.test_loader_doc import word
from tests.unit.ingest.test_loader_odf import flat, zipped
from tests.unit.ingest.test_loader_ppt import container, listed, show, slide
from tests.unit.ingest.test_loader_rtf import HEAD


def saved(made):
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


@cache
def samples():
    document, book, presentation = docx.Document(), openpyxl.Workbook(), pptx.Presentation()
    document.add_heading("年假", 1)
    document.add_table(2, 2).cell(0, 0).text = "cell"
    book.active.append(["问题", "答案"])
    book.active.append(["多久？", 15])
    presentation.slides.add_slide(presentation.slide_layouts[1]).shapes.title.text = "标题"
    listing = container(0x03E8, listed([(1, 256)], 0))
    return {
        ".docx": saved(document),
        ".xlsx": saved(book),
        ".pptx": saved(presentation),
        ".odt": zipped(content=flat("text", "<text:h>题</text:h><text:p>text</text:p>")),
        ".rtf": HEAD + rb"\pard\s1 title\par{\listtext 1.}item\par\trowd\cellx1\pard\intbl a\cell\row}",
        ".doc": word(
            "Title\rtext\r", "中文\r", runs=[(6, b""), (11, b"\x3c\x08\x01")], paragraphs=[(6, b"\1\0")]
        ),
        ".ppt": show(slide((0, "题"), (1, "text")), document=listing),
    }


def broken(data, random):
    """Cut off, with bits turned, or with a stretch of it moved or zeroed."""
    made = bytearray(data)
    way, at = random.randrange(4), random.randrange(len(made))
    if way == 0:
        return bytes(made[:at])
    if way == 1:
        for _ in range(random.choice((1, 8, 64))):
            made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    elif way == 2:
        made[at : at + 64] = bytes(64)
    else:
        made[at:at] = made[-at % len(made) :][:256]
    return bytes(made)


def outcome(suffix, data):
    """What is read, or the hint of the refusal."""
    try:
        return loader_for(f"a{suffix}").load(data, f"a{suffix}"), ""
    except UnreadableFile as error:
        return None, error.hint


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx", ".odt", ".rtf", ".doc", ".ppt"])
def test_a_broken_file_is_read_or_refused(suffix):
    chance = random.Random(suffix)
    assert outcome(suffix, samples()[suffix])[0].text
    for _ in range(60):
        loaded, hint = outcome(suffix, broken(samples()[suffix], chance))
        assert hint or all(s.span.end <= len(loaded.text) for s in loaded.sections)


def test_broken_workbooks_of_old_are_read_or_refused(shared_data):
    data = (shared_data / "parsers/files/tests-example.xls").read_bytes()
    chance = random.Random("xls")
    for _ in range(40):
        loaded, hint = outcome(".xls", broken(data, chance))
        assert loaded or hint


@pytest.mark.parametrize(
    "body", [b"{" * 5_000, b"\\'", b"\\u99999999999 x", b"}}}}text", b"\\bin99999999999 x"]
)
def test_rich_text_that_lies_is_read_or_refused(body):
    loaded, hint = outcome(".rtf", b"{\\rtf1 " + body)
    assert loaded or hint


def test_lists_nested_beyond_reason_are_read_or_refused():
    depth = 200
    body = (
        "<text:list><text:list-item>" * depth + "<text:p>x</text:p>" + "</text:list-item></text:list>" * depth
    )
    loaded, hint = outcome(".fodt", flat("text", body).encode())
    assert loaded or hint
