"""Office files whose XML swells, nests, reaches out, or claims a world of cells."""

from collections.abc import Callable
from functools import partial

from tests.hostile.parts import HEAD, MAIN, TEXT, document, package

KINDS = ("docx", "xlsx", "pptx", "odt", "epub")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BILLION_LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
QUADRATIC = f'<!DOCTYPE x [<!ENTITY q "{"q" * 100_000}">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/evil.dtd">'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/evil.dtd"> %p;]>'
DEEP = 30_000  # less than a megabyte, so that it is the nesting that is refused


def ratio(kind: str) -> bytes:
    """One paragraph repeated to 300 MB."""
    one = TEXT[kind].replace("{0}", "bomb bomb bomb")
    return document(kind, one * ((300 << 20) // len(one)))


def laughs(kind: str) -> bytes:
    return document(kind, prolog=BILLION_LAUGHS, text="&l11;")


def quadratic(kind: str) -> bytes:
    return document(kind, prolog=QUADRATIC, text="&q;" * 50_000)


def outside(kind: str) -> bytes:
    return document(kind, prolog=OUTSIDE, text="&e;")


def deep(kind: str) -> bytes:
    inner = {"docx": "w:p", "xlsx": "row", "pptx": "p:grpSp", "odt": "text:section", "epub": "div"}[kind]
    return document(kind, f"<{inner}>" * DEEP + f"</{inner}>" * DEEP)


def tables_in_tables() -> bytes:
    open_, close = "<w:tbl><w:tr><w:tc>", "<w:p/></w:tc></w:tr></w:tbl>"
    return document("docx", open_ * 5_000 + close * 5_000)


def wide_cells() -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>'
    return document("docx", f"<w:tbl><w:tr>{cell * 3}</w:tr></w:tbl>")


def far_cell() -> bytes:
    rows = "".join(
        f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>x</t></is></c></row>'
        for row, cell in ((1, "A1"), (1_048_576, "XFD1048576"))
    )
    return document("xlsx", rows)


def merged_world() -> bytes:
    path, around = MAIN["xlsx"]
    sheet = around.replace("{0}", TEXT["xlsx"].replace("{0}", "x"))
    merged = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    return package("xlsx", {path: HEAD + sheet.replace("</worksheet>", merged)})


def million_strings() -> bytes:
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = "".join(f"<si><t>{n}</t></si>" for n in range(1_500_000))
    cell = '<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>'
    path, around = MAIN["xlsx"]
    return package(
        "xlsx",
        {
            path: HEAD + around.replace("{0}", cell),
            "xl/sharedStrings.xml": f"{HEAD}<sst {names}>{strings}</sst>",
        },
    )


def odd_references() -> bytes:
    cells = (
        '<c r="ZZZZZZZ999999999999" t="s"><v>-1</v></c><c r="" t="d"><v>x</v></c><c t="n"><v>1e999</v></c>'
    )
    return document("xlsx", f'<row r="-5">{cells}</row><row r="x">{cells}</row>')


def repeated_cells() -> bytes:
    cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    return document("odt", f'<table:table table:name="t">{rows}</table:table>')


def repeated_spaces() -> bytes:
    return document("odt", '<text:p>a<text:s text:c="999999999"/>b</text:p>')


def rtf_groups() -> bytes:
    return b"{\\rtf1 " + b"{" * 1_000_000 + b"text" + b"}" * 1_000_000 + b"}"


def rtf_binary() -> bytes:
    return b"{\\rtf1 text {\\pict\\bin4294967295 " + b"x" * 1000 + b"}\\u-99999999999 ?}"


def ole_loop() -> bytes:
    """A compound file whose chain of sectors bites its own tail."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[24:34] = bytes((0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0))
    header[44:48] = (1).to_bytes(4, "little")  # one sector of chains, the first
    header[76:80] = (0).to_bytes(4, "little")
    header[80:512] = b"\xff" * 432
    chain = b"".join(n.to_bytes(4, "little") for n in [1, 2, 0] + [1] * 125)
    return bytes(header) + chain + bytes(512 * 4)


def _each(make: Callable[[str], bytes], name: str) -> dict[str, Callable[[], bytes]]:
    return {f"{name}.{kind}": partial(make, kind) for kind in KINDS}


BOMBS: dict[str, Callable[[], bytes]] = {
    **_each(ratio, "ratio"),
    **_each(laughs, "laughs"),
    **_each(quadratic, "quadratic"),
    **_each(outside, "outside"),
    **_each(deep, "deep"),
    "remote.docx": partial(document, "docx", prolog=REMOTE, text="x"),
    "parameter.pptx": partial(document, "pptx", prolog=PARAMETER, text="x"),
    "tables-in-tables.docx": tables_in_tables,
    "wide-cells.docx": wide_cells,
    "far-cell.xlsx": far_cell,
    "merged-world.xlsx": merged_world,
    "million-strings.xlsx": million_strings,
    "odd-references.xlsx": odd_references,
    "repeated-cells.odt": repeated_cells,
    "repeated-spaces.odt": repeated_spaces,
    "groups.rtf": rtf_groups,
    "binary.rtf": rtf_binary,
    "loop.doc": ole_loop,
    "loop.xls": ole_loop,
    "loop.msg": ole_loop,
}
