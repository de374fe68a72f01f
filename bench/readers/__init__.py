"""Other readers of PDF and Office files, each in an environment of its own; nothing of theirs is ours.

| reader | reads | is |
|---|---|---|
| pdfminer | PDF | pdfminer.six (MIT) |
| pdftotext | PDF | poppler's program, if installed (GPL; run, never linked) |
| markitdown | Office | markitdown (MIT): mammoth, python-pptx, pandas |
| office | Office | docx2python, python-pptx and openpyxl (all MIT), everything that they give |
"""
