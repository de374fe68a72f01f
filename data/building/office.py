"""Pages as Word, Excel and PowerPoint files."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import docx
import openpyxl
import pptx
from docx.oxml.ns import qn
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from pptx.util import Emu, Inches, Pt

from building.page import Block, Page, Row

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.coreprops import CoreProperties as WordProperties
    from openpyxl.worksheet.worksheet import Worksheet
    from pptx.parts.coreprops import CorePropertiesPart as SlideProperties
    from pptx.presentation import Presentation
    from pptx.slide import Slide

_WIDTHS = {"A": 10, "B": 44, "C": 14, "D": 16, "E": 24}


def to_docx(page: Page) -> bytes:
    """Headings, paragraphs, lists and tables in the built-in styles."""
    document = docx.Document()
    _label(document.core_properties, page)
    if page.is_chinese:
        fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "SimSun")
    for block in page.blocks:
        _write_block(document, block)
    out = io.BytesIO()
    document.save(out)
    return _settle(out.getvalue(), page)


def _write_block(document: "Document", block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level - 1)
    elif block.kind == "table":
        table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style="Table Grid")
        for cells, row in zip(table.rows, block.rows, strict=True):
            for cell, text in zip(cells.cells, row, strict=True):
                cell.text = text
    elif block.kind in ("bullets", "numbers"):
        for line in block.lines:
            document.add_paragraph(line, "List Bullet" if block.kind == "bullets" else "List Number")
    else:
        document.add_paragraph(block.text)


def to_xlsx(page: Page) -> bytes:
    """One sheet for each heading: a line of explanation, then the table with numbers as numbers."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    book.properties.title, book.properties.creator = page.meta["title"], page.meta["author"]
    book.properties.created = page.date
    for name, blocks in _chapters(page):
        sheet = book.create_sheet(name)
        for block in blocks:
            _write_rows(sheet, block)
    out = io.BytesIO()
    book.save(out)
    return _settle(out.getvalue(), page)


def _write_rows(sheet: "Worksheet", block: Block) -> None:
    if block.kind != "table":
        sheet.append([block.text])
        return
    header = sheet.max_row + 1
    for y, row in enumerate(block.rows, header):
        for x, text in enumerate(row, 1):
            cell = sheet.cell(y, x)
            assert isinstance(cell, Cell)  # not a merged one
            _fill(cell, text)
            cell.font = Font(bold=y == header)
            cell.alignment = Alignment(wrap_text=y == header, vertical="top")
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{header + 1}"


def _fill(cell: Cell, text: str) -> None:
    """Money becomes a number shown with its sign, digits become a number, the rest is text."""
    if money := re.fullmatch(r"([£¥])([\d,]+\.\d\d)", text):
        cell.value = float(money[2].replace(",", ""))
        cell.number_format = f'"{money[1]}"#,##0.00'
    else:
        cell.value = int(text) if text.isdecimal() else text


def to_pptx(page: Page) -> bytes:
    """A title slide, then one slide for each second-level heading; notes go under their slide."""
    show = pptx.Presentation()
    _label(show.core_properties, page)
    for name, blocks in _chapters(page):
        _write_slide(show, name, blocks)
    out = io.BytesIO()
    show.save(out)
    return _settle(out.getvalue(), page)


def _write_slide(show: "Presentation", name: str, blocks: list[Block]) -> None:
    kinds = {block.kind for block in blocks}
    layout = 5 if "table" in kinds else 1 if "bullets" in kinds else 0
    slide = show.slides.add_slide(show.slide_layouts[layout])
    assert slide.shapes.title is not None
    slide.shapes.title.text = name
    for block in blocks:
        if block.kind == "table":
            _write_table(slide, block.rows, Emu(show.slide_width or Inches(10)))
        elif block.kind == "note":
            frame = slide.notes_slide.notes_text_frame
            assert frame is not None
            frame.text = block.text
        else:
            slide.placeholders[1].text_frame.text = "\n".join(block.lines)


def _write_table(slide: "Slide", rows: tuple[Row, ...], width: Emu) -> None:
    margin = Inches(0.5)
    frame = slide.shapes.add_table(
        len(rows),
        len(rows[0]),
        margin,
        Inches(1.8),
        Emu(width - 2 * margin),
        Inches(0.5 * len(rows)),
    )
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            cell = frame.table.cell(y, x)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = Pt(16)


def _chapters(page: Page) -> Iterator[tuple[str, list[Block]]]:
    """The page cut at its headings: (heading, blocks below it)."""
    starts = [i for i, block in enumerate(page.blocks) if block.kind == "heading"]
    for start, end in zip(starts, [*starts[1:], len(page.blocks)], strict=True):
        yield page.blocks[start].text, list(page.blocks[start + 1 : end])


def _label(properties: "WordProperties | SlideProperties", page: Page) -> None:
    properties.title, properties.author = page.meta["title"], page.meta["author"]
    properties.language = page.meta["language"]
    properties.last_modified_by, properties.comments = page.meta["author"], ""
    properties.created = properties.modified = page.date


def _settle(archive: bytes, page: Page) -> bytes:
    """The same zip without a trace of when it was built: equal input gives equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                # openpyxl stamps the time of saving and offers no way to choose it.
                stamp = f"\\g<1>{page.date:%Y-%m-%dT%H:%M:%SZ}<".encode()
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*<", stamp, data)
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(member, data)
    return out.getvalue()
