"""Pages as PDF: with text, as a scan without text, and locked with a password."""

import hashlib
import io
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from unittest import mock
from xml.sax.saxutils import escape

import reportlab
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from building.page import Block, Page

_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def to_pdf(page: Page) -> bytes:
    """A PDF of the kind the front matter asks for (`scanned`, `password`)."""
    if "scanned" in page.meta:
        return _scan(page)
    plain = _typeset(page)
    return _lock(plain, page.meta["password"]) if "password" in page.meta else plain


class _Outlined(SimpleDocTemplate):
    """Puts every heading into the outline, as an office program does on export."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  # reportlab's name
        """Called by reportlab after each flowable has been placed."""
        if isinstance(flowable, Paragraph) and flowable.style.name.startswith("h"):
            text, level = flowable.getPlainText(), int(flowable.style.name[1:]) - 1
            self.canv.bookmarkPage(text)
            self.canv.addOutlineEntry(text, text, level)


def _typeset(page: Page) -> bytes:
    out = io.BytesIO()
    template = _Outlined(
        out,
        pagesize=A4,
        title=page.meta["title"],
        author=page.meta["author"],
        lang="zh-CN" if page.is_chinese else "en-GB",
        invariant=1,
        topMargin=2 * cm,
        bottomMargin=2 * cm,
    )
    styles = _styles(page)
    story = [flowable for block in page.blocks for flowable in _flow(block, styles)]
    footer = partial(_footer, page)
    template.build(story, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _styles(page: Page) -> Callable[[str], ParagraphStyle]:
    font, bold = "Helvetica", "Helvetica-Bold"
    if page.is_chinese:
        # Not embedded: PDF readers bring this font along, and the text layer is real.
        font = bold = "STSong-Light"
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    wrap = "CJK" if page.is_chinese else None
    text = ParagraphStyle("text", fontName=font, fontSize=10.5, leading=15, spaceAfter=6, wordWrap=wrap)
    styles = {
        "text": text,
        "cell": ParagraphStyle("cell", text, fontSize=9.5, leading=12, spaceAfter=0),
        "item": ParagraphStyle("item", text, leftIndent=14, bulletIndent=2, spaceAfter=2),
        "h1": ParagraphStyle("h1", text, fontName=bold, fontSize=18, leading=24, spaceAfter=10),
        "h2": ParagraphStyle(
            "h2", text, fontName=bold, fontSize=13, leading=18, spaceBefore=8, keepWithNext=1
        ),
    }
    return styles.__getitem__


def _flow(block: Block, style: Callable[[str], ParagraphStyle]) -> list[Flowable]:
    if block.kind == "heading":
        return [Paragraph(escape(block.text), style(f"h{block.level}"))]
    if block.kind == "table":
        cells = [[Paragraph(escape(cell), style("cell")) for cell in row] for row in block.rows]
        return [Table(cells, style=_GRID, repeatRows=1), Spacer(0, 8)]
    if block.kind in ("bullets", "numbers"):
        marks = ("•" for _ in block.lines) if block.kind == "bullets" else (f"{i}." for i in count(1))
        pairs = zip(block.lines, marks, strict=False)
        return [Paragraph(escape(line), style("item"), bulletText=mark) for line, mark in pairs]
    return [Paragraph(escape(block.text), style("text"))]


def _footer(page: Page, canvas: Canvas, _template: object) -> None:
    canvas.setDateFormatter(lambda *_: f"D:{page.date:%Y%m%d%H%M%S}+00'00'")
    canvas.setFont("STSong-Light" if page.is_chinese else "Helvetica", 8)
    canvas.drawCentredString(A4[0] / 2, 1.2 * cm, f"{page.meta['title']}   {canvas.getPageNumber()}")


def _scan(page: Page) -> bytes:
    """A picture of the page, a little askew and dusty, with no text behind it."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setDateFormatter(lambda *_: f"D:{page.date:%Y%m%d%H%M%S}+00'00'")
    canvas.setTitle(page.meta["title"])
    canvas.setAuthor(page.meta["author"])
    canvas.drawImage(ImageReader(_photograph(page)), 0, 0, *A4)
    canvas.save()
    return out.getvalue()


def _photograph(page: Page) -> io.BytesIO:
    image = Image.new("L", (1240, 1754), 250)
    draw = ImageDraw.Draw(image)
    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    small, large = ImageFont.truetype(vera, 27), ImageFont.truetype(vera, 40)
    y = 150
    for block in page.blocks:
        for row in block.rows or [(block.text,)]:
            for column, text in enumerate(row):
                draw.text((120 + 330 * column, y), text, fill=25, font=large if block.level else small)
            y += 48
        y += 32
    image = image.rotate(0.6, fillcolor=250)
    dust, put = Random(2026), ImageDraw.Draw(image)
    for _ in range(400):
        put.point((dust.randrange(1240), dust.randrange(1754)), fill=120)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=40)
    jpeg.seek(0)
    return jpeg


def _lock(plain: bytes, password: str) -> bytes:
    """Encrypt with AES-256.

    The salts are counted and not drawn: the password is public anyway, and the bytes must repeat.
    """
    numbers = count()

    def salt(length: int = 32) -> bytes:
        return hashlib.shake_256(f"samples {next(numbers)}".encode()).digest(length)

    out = io.BytesIO()
    with mock.patch("secrets.token_bytes", salt):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
        writer.encrypt(password, algorithm="AES-256")
        writer.write(out)
    return out.getvalue()
