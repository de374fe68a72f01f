"""Plain text. The canonical text is the decoded file, unchanged.

Paragraphs that ask and answer (`Q: ...`, `A: ...`) are entries of their own.
"""

from dataclasses import replace

from ingest.formats.asked import asked
from ingest.formats.named import whole
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode

SUFFIXES = (".txt", ".text", ".log")
VERSION = 2


def load(data: bytes, name: str) -> Loaded:
    """One section, or one an entry."""
    text, charset = decode(data)
    return replace(whole(text, headings=asked(text)), report=Notes(charset=charset).report())
