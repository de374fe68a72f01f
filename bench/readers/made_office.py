"""Office files with what the samples lack: merged cells, headers and footers, notes, several sheets."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from pptx.util import Inches


def word(path: Path, blocks: Sequence[Any]) -> None:
    """Sections with a header and a footer; the first cells of a table merged downwards."""
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Tern - internal"
    section.footer.paragraphs[0].text = "Register of documents"
    for block in blocks:
        if block.kind == "heading":
            document.add_heading(block.text, block.level)
        elif block.kind == "table":
            _word_table(document, block.rows)
        else:
            style = {"bullets": "List Bullet", "numbers": "List Number"}.get(block.kind)
            for line in block.lines:
                document.add_paragraph(line, style)
    document.save(str(path))


def _word_table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]))
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, value in zip(cells.cells, row, strict=True):
            cell.text = value
    if len(rows) > 3:
        first, second = table.cell(1, 0), table.cell(2, 0)
        second.text = ""
        first.merge(second)


def slides(path: Path, blocks: Sequence[Any]) -> None:
    """A slide a heading; texts as points, tables as tables, the first line once more as a note."""
    show = pptx.Presentation()
    slide: Any = None
    for block in blocks:
        if block.kind == "heading" or slide is None:
            slide = show.slides.add_slide(show.slide_layouts[1])
            slide.shapes.title.text = block.text
        elif block.kind == "table":
            _slide_table(slide, block.rows)
        else:
            frame = slide.placeholders[1].text_frame
            for line in block.lines:
                frame.add_paragraph().text = line
            slide.notes_slide.notes_text_frame.text = f"Say: {block.lines[0]}"
    show.save(str(path))


def _slide_table(slide: Any, rows: Sequence[Sequence[str]]) -> None:
    place = (Inches(1), Inches(4), Inches(8), Inches(2))
    table = slide.shapes.add_table(len(rows), len(rows[0]), *place).table
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            table.cell(number, column).text = value


def book(path: Path, blocks: Sequence[Any]) -> None:
    """A sheet a table, under its heading over merged cells; other lines on a sheet of their own."""
    made = openpyxl.Workbook()
    lines = made.active
    assert lines is not None
    lines.title = "Notes"
    heading = "Table"
    for block in blocks:
        if block.kind == "table":
            sheet = made.create_sheet(f"{len(made.sheetnames)} {heading}"[:30])
            sheet.append([heading])
            sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(block.rows[0]))
            for row in block.rows:
                sheet.append(list(row))
        elif block.kind == "heading":
            heading = "".join(c for c in block.text if c not in "[]:*?/\\")
        else:
            for line in block.lines:
                lines.append([heading, line])
    made.save(path)


_TRAVEL = ("finance/travel-policy-2025.md", "finance/travel-policy-2026.md")
OFFICE: dict[str, tuple[Sequence[str], Callable[[Path, Sequence[Any]], None]]] = {
    "merged-cells.docx": (_TRAVEL, word),
    "员工手册.docx": (("中文/员工手册.docx.md", "中文/差旅报销制度.pdf.md"), word),
    "notes.pptx": (("hr/employee-handbook.md", "finance/travel-policy-2026.md"), slides),
    "sheets.xlsx": ((*_TRAVEL, "中文/差旅报销制度.pdf.md"), book),
}
