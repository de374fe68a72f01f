"""Why our text of a file differs from that of the other readers, looked at one by one."""

_RECORDS = (
    "rows are written as records, so the name of a column stands in every row; nothing is missing, "
    "and the others tell each name once"
)

WHY: dict[str, str] = {
    "french_diacritics.pdf": (
        "one line of 28 single letters, printed a third of an em apart: we give the blanks that the page "
        "shows, pdftotext none, so that all letters are one word of its; letter for letter the texts are "
        "the same. pdfminer finds no letters, only numbers of glyphs"
    ),
    "pdf-bad-color-space.pdf": (
        "pdfminer stops at a stream without a length, which counts as nothing in common. With pdftotext "
        "we share .97 of the words; the order was looked at on the page, a spread of a report in four "
        "columns: ours reads one column after another as they are printed"
    ),
    "habibi.pdf": (
        "two words, one Latin and one Arabic; the file's table of letters maps the whole Arabic word to the "
        "glyph of a blank, which comes twice. pdfminer gives it in the order of reading; pdfium, and so we, "
        "and pdftotext turn it round, which is wrong here. The glyphs that are seen are in no table: we give "
        "them as stray letters, the others leave them out"
    ),
    "freeculture.pdf": (
        "40,279 characters of printers' marks stand off the page, where no reader sees them: we leave them "
        "out with the running heads, and the others give them on each of 352 pages"
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
    "grid_offset_error.docx": (
        "a merged cell is told on each row that it covers, so that a row can be quoted alone; "
        "the others tell it once"
    ),
    "emoji.xlsx": "three units in all; the name of its only sheet is left out",
    "equations.docx": "powers and fractions are written with ^ and /, which divides words in two",
    "textbox.docx": "docx2python tells every text box twice; markitdown gives exactly our words",
}
