"""A loaded document to pieces: its chunks with everything that is searched and embedded."""

from hashlib import blake2b
from pathlib import PurePath

from ingest.clean import searchable
from ingest.types import Loaded, Piece
from rag.features import extract, pack
from rag.plugins import load
from rag.tables import header_above
from rag.types import Section

VERSION = 2  # raise it when pieces of the same text change
_LONGEST_HEADING = 400


def pieces(
    loaded: Loaded, source: str, *, size: int, splitter: str = "sections"
) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The pieces of a document in order, and the text to embed for each."""
    path = str(PurePath(source).with_suffix(""))
    made: list[Piece] = []
    embed: list[str] = []
    for chunk in load("splitters", splitter).split(loaded, size):
        body = searchable(_with_header(loaded.text, chunk))
        heading = " > ".join(chunk.heading)
        features = pack(extract(body, heading=heading, title=loaded.title, path=path))
        embed.append(to_embed(loaded.title, chunk, body))
        made.append(Piece(chunk.span, chunk.page, chunk.heading, digest(embed[-1]), features))
    return tuple(made), tuple(embed)


def _with_header(text: str, chunk: Section) -> str:
    """The text of a chunk; one that begins in the middle of a table has the table's header first."""
    header = header_above(text, chunk.span.start)
    own = text[chunk.span.start : chunk.span.end]
    return f"{header}\n{own}" if header else own


def to_embed(title: str, chunk: Section, body: str) -> str:
    """Title, headings and body; the last heading is not said twice when the body begins with it."""
    last = chunk.heading[-1] if chunk.heading else title
    above = dict.fromkeys([title, *chunk.heading])
    if last and body.startswith(searchable(last)):
        above.pop(last, None)
    return "\n".join([*(line for line in above if line), body])


def digest(text: str) -> bytes:
    """The key that the vector of an embedded text is kept under."""
    return blake2b(text.encode(), digest_size=16, person=b"kb-embed-1").digest()
