"""Office files by the plain libraries of each format, all text they give, in their order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.readers.serve import serve


def read(path: Path) -> str:
    """The text of a .docx, .pptx or .xlsx file."""
    return {".docx": _docx, ".pptx": _pptx, ".xlsx": _xlsx}[path.suffix.lower()](path)


def _docx(path: Path) -> str:
    from docx2python import docx2python

    with docx2python(path) as document:
        return str(document.text)


def _pptx(path: Path) -> str:
    from pptx import Presentation

    lines: list[str] = []
    for slide in Presentation(str(path)).slides:
        lines += _shapes(slide.shapes)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
            lines.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(lines)


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield from (" | ".join(cell.text for cell in row.cells) for row in shape.table.rows)


def _xlsx(path: Path) -> str:
    from openpyxl import load_workbook

    lines: list[str] = []
    for sheet in load_workbook(path, data_only=True).worksheets:
        lines.append(sheet.title)
        rows = sheet.iter_rows(values_only=True)
        lines += [" | ".join(str(value) for value in row if value is not None) for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    serve(read)
