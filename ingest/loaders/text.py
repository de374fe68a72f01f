"""Plain text. The canonical text is the decoded file, unchanged."""

from ingest.types import Loaded
from rag.charset import decode
from rag.types import Section, Span

SUFFIXES = (".txt", ".text", ".log")
VERSION = 1


def load(data: bytes, name: str) -> Loaded:
    """One section: the whole file."""
    text, charset = decode(data)
    return Loaded(text, sections=(Section(Span(0, len(text))),), report={"charset": charset})
