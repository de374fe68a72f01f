"""PDF and Office files in the shapes that companies have, made from data/sources.

Ten PDFs: columns, ruled tables, running heads, footnotes, hyphens at line ends, pages that lie on
their side, Chinese; and four Office files with merged cells, notes, headers and several sheets.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from bench.readers.made_office import OFFICE

DATA = Path(__file__).resolve().parents[2] / "data"
sys.path.insert(0, str(DATA))  # the builder of the samples is a package there

from building.page import Block, read_page  # noqa: E402

_MARGIN, _GAP = 50, 18
_RULED = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")])
_OPEN = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")])


@dataclass(frozen=True, slots=True)
class Shape:
    """How a PDF is laid out, and what it is made from (below data/sources)."""

    name: str
    sources: tuple[str, ...]
    columns: int = 1
    size: tuple[float, float] = A4
    turn: int = 0  # degrees, as a scanner or a viewer notes it
    ruled: bool = True
    running: bool = False
    footnotes: bool = False
    hyphens: bool = False
    font: str = "Helvetica"


_EN = ("hr/employee-handbook.md", "it/laptop-standard.md", "finance/travel-policy-2026.md")
_ZH = ("中文/员工手册.docx.md", "中文/信息安全问答.md", "中文/差旅报销制度.pdf.md")
_SONG = "STSong-Light"
SHAPES = (
    Shape("two-columns", _EN, columns=2),
    Shape("three-columns-sideways", _EN[:2], columns=3, size=landscape(A4), font="Times-Roman"),
    Shape("running-heads", _EN, running=True),
    Shape("ruled-tables", ("finance/travel-policy-2025.md", "finance/travel-policy-2026.md")),
    Shape("open-tables", ("finance/travel-policy-2025.md", "finance/travel-policy-2026.md"), ruled=False),
    Shape("turned-pages", ("products/release-notes.md",), turn=90),
    Shape("hyphens", ("products/tern-manual.pdf.md",), hyphens=True, font="Times-Roman"),
    Shape("footnotes", ("it/security-guide.pdf.md", "support/faq.md"), footnotes=True, running=True),
    Shape("中文", _ZH, font=_SONG, running=True),
    Shape("中文双栏", _ZH, columns=2, font=_SONG),
)


def make(folder: Path) -> list[Path]:
    """Write all files; their paths, PDFs first."""
    pdfmetrics.registerFont(UnicodeCIDFont(_SONG))
    made = [_pdf(folder / f"made-{shape.name}.pdf", shape) for shape in SHAPES]
    for name, (sources, write) in OFFICE.items():
        path = folder / f"made-{name}"
        write(path, blocks(sources))
        made.append(path)
    return made


def blocks(sources: Sequence[str]) -> list[Block]:
    """The blocks of these sources, one after another."""
    pages = (read_page(_with_front((DATA / "sources" / name).read_text("utf-8"))) for name in sources)
    return [block for page in pages for block in page.blocks]


def _with_front(text: str) -> str:
    return text if text.startswith("---\n") else f"---\nlanguage: en\n---\n{text}"


def _pdf(path: Path, shape: Shape) -> Path:
    width, height = shape.size
    each = (width - 2 * _MARGIN - (shape.columns - 1) * _GAP) / shape.columns
    frames = [
        Frame(_MARGIN + i * (each + _GAP), _MARGIN, each, height - 2 * _MARGIN) for i in range(shape.columns)
    ]
    document = BaseDocTemplate(str(path), pagesize=shape.size, invariant=1)
    document.addPageTemplates([PageTemplate(frames=frames, onPage=partial(_around, shape))])
    document.build([part for block in blocks(shape.sources) for part in _flow(block, shape, each)])
    return path


def _around(shape: Shape, canvas: Canvas, _document: object) -> None:
    width, height = shape.size
    number = canvas.getPageNumber()
    canvas.setPageRotation(shape.turn)
    canvas.setFont(shape.font, 8)
    if shape.running:
        canvas.drawString(_MARGIN, height - 30, f"{shape.name} - internal")
        canvas.drawRightString(width - _MARGIN, 25, f"{number}")
    if shape.footnotes:
        canvas.line(_MARGIN, 46, _MARGIN + 120, 46)
        canvas.drawString(_MARGIN, 36, f"{number}  See the register of changes, entry {number * 7}.")


def _flow(block: Block, shape: Shape, width: float) -> Iterator[Any]:
    wrap = "CJK" if shape.font == _SONG else None
    text = ParagraphStyle("text", fontName=shape.font, fontSize=10, leading=13, spaceAfter=6, wordWrap=wrap)
    if block.kind == "table":
        small = ParagraphStyle("cell", text, fontSize=8, leading=10, spaceAfter=0)
        cells = [[Paragraph(escape(cell), small) for cell in row] for row in block.rows]
        each = (width - 14) / max(map(len, cells))
        yield Table(cells, [each] * len(cells[0]), style=_RULED if shape.ruled else _OPEN)
        yield Spacer(0, 6)
    elif block.kind == "heading":
        yield Paragraph(escape(block.text), ParagraphStyle("h", text, fontSize=16 - block.level, leading=20))
    elif shape.hyphens:
        yield Paragraph("<br/>".join(map(escape, _hyphenated(block.text, 60))), text)
    else:
        yield from (Paragraph(escape(line), text) for line in block.lines)


def _hyphenated(text: str, width: int) -> Iterator[str]:
    """Lines of at most so many characters; a long word at an end is divided, as in print."""
    line = ""
    for word in text.split():
        room = width - len(line) - 2
        if len(line) + 1 + len(word) <= width:
            line = f"{line} {word}".strip()
        elif len(word) >= 8 and word.isalpha() and room >= 3:
            cut = min(room, len(word) - 3)
            yield f"{line} {word[:cut]}-"
            line = word[cut:]
        else:
            yield line
            line = word
    yield line
