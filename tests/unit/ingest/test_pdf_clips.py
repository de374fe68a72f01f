"""Text that a page cuts off is not read; text beside it that is cut by another path is."""

from io import BytesIO

from reportlab.pdfgen import canvas

from ingest.loaders import pdf


def clipped(sheet, box, words, y):
    sheet.saveState()
    path = sheet.beginPath()
    path.rect(*box)
    sheet.clipPath(path, stroke=0)
    for number, word in enumerate(words):
        sheet.drawString(60, y - 20 * number, word)
    sheet.restoreState()


def test_each_text_is_judged_by_its_own_clip():
    stream = BytesIO()
    sheet = canvas.Canvas(stream, pagesize=(400, 400))
    clipped(sheet, (50, 300, 300, 50), ["This is seen", "and this is seen, too"], 340)
    clipped(sheet, (350, 10, 20, 20), ["Nobody sees this", "nor that"], 240)
    clipped(sheet, (50, 100, 300, 50), ["The end is seen"], 120)
    sheet.save()
    found = pdf.load(stream.getvalue(), "a.pdf")
    assert found.text.split("\n") == ["This is seen", "and this is seen, too", "The end is seen"]
    assert sum(found.report["hidden"].values()) == len("Nobodyseesthisnorthat")
