"""Why our text of a file differs from that of the other readers, looked at one by one."""

_RECORDS = (
    "rows are written as records, so the name of a column stands in every row; nothing is missing, "
    "and the others tell each name once"
)

WHY: dict[str, str] = {
    "french_diacritics.pdf": (
        "a table of single letters: we put a blank between them, pdftotext none, "
        "and pdfminer finds no letters, only numbers of glyphs"
    ),
    "pdf-bad-color-space.pdf": (
        "pdfminer stops at a stream without a length; with pdftotext we share .995 of the words, "
        "and differ in the order of the columns of a form"
    ),
    "habibi.pdf": (
        "seven words, one of them Arabic and partly drawn in a font without a table of characters: "
        "each reader gives those glyphs differently"
    ),
    "xlsx_01.xlsx": _RECORDS,
    "xlsx_04_inflated.xlsx": _RECORDS,
    "xlsx-subtable-cases.xlsx": _RECORDS,
    "价目表.xlsx": _RECORDS,
    "price-list-2026.xlsx": _RECORDS,
    "made-sheets.xlsx": _RECORDS,
    "docx-hdrftr.docx": (
        "page headers and footers are left out, as markitdown does; docx2python gives them, "
        "and they are all but two words of this file"
    ),
    "fake-power-point-malformed.pptx": (
        "five words in all: the placeholder of the date is left out, as on every slide"
    ),
    "grid_offset_error.docx": (
        "a merged cell is told on each row that it covers, so that a row can be quoted alone; "
        "the others tell it once"
    ),
    "emoji.xlsx": "three units in all; the name of its only sheet is left out",
    "equations.docx": "powers and fractions are written with ^ and /, which divides words in two",
    "textbox.docx": "docx2python tells every text box twice; markitdown gives exactly our words",
}
