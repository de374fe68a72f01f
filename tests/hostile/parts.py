"""The smallest Office documents that open, around an XML of ours; and zips of any entries."""

import io
import zipfile
from collections.abc import Mapping

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{_OFFICE}"'
)
_O = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

# Kind to the path of the part that holds the text, and how text stands in it.
MAIN = {
    "docx": ("word/document.xml", f"<w:document {_W}><w:body>{{0}}</w:body></w:document>"),
    "xlsx": ("xl/worksheets/sheet1.xml", f"<worksheet {_S}><sheetData>{{0}}</sheetData></worksheet>"),
    "pptx": (
        "ppt/slides/slide1.xml",
        f"<p:sld {_P}><p:cSld><p:spTree><p:nvGrpSpPr/><p:grpSpPr/>{{0}}</p:spTree></p:cSld></p:sld>",
    ),
    "odt": (
        "content.xml",
        f"<office:document-content {_O}><office:body><office:text>{{0}}</office:text></office:body>"
        "</office:document-content>",
    ),
    "epub": (
        "OEBPS/c.xhtml",
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{0}</body></html>',
    ),
}
TEXT = {
    "docx": "<w:p><w:r><w:t>{0}</w:t></w:r></w:p>",
    "xlsx": '<row r="1"><c r="A1" t="inlineStr"><is><t>{0}</t></is></c></row>',
    "pptx": "<p:sp><p:nvSpPr><p:cNvPr id='2' name='t'/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/>"
    "<p:txBody><a:bodyPr/><a:p><a:r><a:t>{0}</a:t></a:r></a:p></p:txBody></p:sp>",
    "odt": "<text:p>{0}</text:p>",
    "epub": "<p>{0}</p>",
}


def zipped(entries: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries, without a clock."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else method
            archive.writestr(info, data)
    return stream.getvalue()


def document(kind: str, body: str | None = None, *, prolog: str = "", text: str = "") -> bytes:
    """An Office file whose main part has this body (or one paragraph of `text`) after `prolog`."""
    path, around = MAIN[kind]
    inner = TEXT[kind].replace("{0}", text) if body is None else body
    return package(kind, {path: HEAD + prolog + around.replace("{0}", inner)})


def package(kind: str, parts: Mapping[str, bytes | str]) -> bytes:
    """An Office file of these parts and the few that every file of the kind has."""
    return zipped({**FIXED[kind], **parts})


def relations(*pairs: tuple[str, str]) -> str:
    """A part that says where other parts are: pairs of kind and path."""
    inner = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(pairs, 1)
    )
    return f'{HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _types(*pairs: tuple[str, str]) -> str:
    inner = "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPES}.{kind}+xml"/>' for name, kind in pairs
    )
    return (
        f'{HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{inner}</Types>'
    )


FIXED: dict[str, dict[str, str]] = {
    "docx": {
        "[Content_Types].xml": _types(("word/document.xml", "wordprocessingml.document.main")),
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
    },
    "xlsx": {
        "[Content_Types].xml": _types(
            ("xl/workbook.xml", "spreadsheetml.sheet.main"),
            ("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
        ),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/workbook.xml": f'{HEAD}<workbook {_S} xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"{HEAD}<sst {_S}/>",
    },
    "pptx": {
        "[Content_Types].xml": _types(
            ("ppt/presentation.xml", "presentationml.presentation.main"),
            ("ppt/slides/slide1.xml", "presentationml.slide"),
        ),
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/slide1.xml")),
        "ppt/presentation.xml": f'{HEAD}<p:presentation {_P}><p:sldIdLst><p:sldId id="256" r:id="rId1"/>'
        '</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>',
    },
    "odt": {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": f'{HEAD}<manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    },
    "epub": {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": f'{HEAD}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'version="1.0"><rootfiles><rootfile full-path="OEBPS/c.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/c.opf": f'{HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>'
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/></spine></package>',
    },
}  # fmt: skip
