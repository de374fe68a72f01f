"""Office files with text that their programs do not show."""

from collections.abc import Callable

from tests.hostile import Hidden
from tests.hostile.hidden_texts import FIRST, LAST, ORDER, VISIBLE
from tests.hostile.parts import FIXED, HEAD, MAIN, document, package, relations


def _word(inner: str) -> Callable[[], bytes]:
    first, last = (f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in VISIBLE)
    return lambda: document("docx", first + inner + last)


def _run(properties: str) -> str:
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{ORDER}</w:t></w:r></w:p>"


def _slide(inner: str) -> Callable[[], bytes]:
    return lambda: document("pptx", _shape(FIRST) + inner + _shape(LAST, y=3_000_000))


def _shape(text: str, run: str = "<a:rPr/>", y: int = 500_000, x: int = 500_000, about: str = "") -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="t" {about}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="5000000" cy="500000"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:p><a:r>{run}<a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _row(number: int, text: str, about: str = "") -> str:
    return f'<row r="{number}" {about}><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def _sheet(rows: str, columns: str = "") -> Callable[[], bytes]:
    path, around = MAIN["xlsx"]
    text = around.replace("<sheetData>", f"{columns}<sheetData>").replace("{0}", rows)
    return lambda: package("xlsx", {path: HEAD + text})


def _hidden_sheet() -> bytes:
    path, around = MAIN["xlsx"]
    book = FIXED["xlsx"]["xl/workbook.xml"].replace(
        "</sheets>", '<sheet name="h" sheetId="2" r:id="rId3" state="veryHidden"/></sheets>'
    )
    parts = {
        path: HEAD + around.replace("{0}", _row(1, FIRST) + _row(2, LAST)),
        "xl/worksheets/sheet2.xml": HEAD + around.replace("{0}", _row(1, ORDER)),
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
        ),
    }
    return package("xlsx", parts)


def _hidden_slide() -> bytes:
    path, around = MAIN["pptx"]
    hidden = around.replace("<p:sld ", '<p:sld show="0" ').replace("{0}", _shape(ORDER))
    show = FIXED["pptx"]["ppt/presentation.xml"].replace(
        "</p:sldIdLst>", '<p:sldId id="257" r:id="rId2"/></p:sldIdLst>'
    )
    parts = {
        path: HEAD + around.replace("{0}", _shape(FIRST) + _shape(LAST, y=3_000_000)),
        "ppt/slides/slide2.xml": HEAD + hidden,
        "ppt/presentation.xml": show,
        "ppt/_rels/presentation.xml.rels": relations(
            ("slide", "slides/slide1.xml"), ("slide", "slides/slide2.xml")
        ),
    }
    return package("pptx", parts)


def _open_document() -> bytes:
    path, around = MAIN["odt"]
    styles = (
        '<office:automatic-styles><style:style style:name="H" style:family="text">'
        '<style:text-properties text:display="none"/></style:style></office:automatic-styles><office:body>'
    )
    hidden = f'<text:p>{FIRST}</text:p><text:p><text:span text:style-name="H">{ORDER}</text:span></text:p>'
    text = around.replace("<office:body>", styles).replace("{0}", f"{hidden}<text:p>{LAST}</text:p>")
    return package("odt", {path: HEAD + text})


_WHITE = '<a:rPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:rPr>'

HIDDEN = (
    Hidden("vanish.docx", _word(_run("<w:vanish/>")), VISIBLE),
    Hidden("white.docx", _word(_run('<w:color w:val="FFFFFF"/>')), VISIBLE),
    Hidden("tiny.docx", _word(_run('<w:sz w:val="1"/>')), VISIBLE),
    Hidden(
        "deleted.docx",
        _word(f'<w:p><w:del w:id="1" w:author="a"><w:r><w:delText>{ORDER}</w:delText></w:r></w:del></w:p>'),
        VISIBLE,
    ),
    Hidden("field.docx", _word(f"<w:p><w:r><w:instrText>{ORDER}</w:instrText></w:r></w:p>"), VISIBLE),
    Hidden("white.pptx", _slide(_shape(ORDER, _WHITE, y=1_500_000)), VISIBLE),
    Hidden("tiny.pptx", _slide(_shape(ORDER, '<a:rPr sz="50"/>', y=1_500_000)), VISIBLE),
    Hidden("off-slide.pptx", _slide(_shape(ORDER, x=-9_000_000, y=1_500_000)), VISIBLE),
    Hidden("hidden-shape.pptx", _slide(_shape(ORDER, about='hidden="1"', y=1_500_000)), VISIBLE),
    Hidden("hidden-slide.pptx", _hidden_slide, VISIBLE),
    Hidden("hidden-row.xlsx", _sheet(_row(1, FIRST) + _row(2, ORDER, 'hidden="1"') + _row(3, LAST)), VISIBLE),
    Hidden(
        "hidden-column.xlsx",
        _sheet(
            _row(1, FIRST).replace("</row>", f'<c r="B1" t="inlineStr"><is><t>{ORDER}</t></is></c></row>')
            + _row(2, LAST),
            '<cols><col min="2" max="2" hidden="1"/></cols>',
        ),
        VISIBLE,
    ),
    Hidden("hidden-sheet.xlsx", _hidden_sheet, VISIBLE),
    Hidden("hidden.odt", _open_document, VISIBLE),
)
