"""The nouns of ingest. Frozen values; they travel between processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rag.types import Box, Language, Section, Span


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader makes of a file.

    `text` is the canonical text, in which all offsets count; for plain text and Markdown it is the
    decoded file, unchanged. `sections` cover the searchable parts in order, without overlap (front
    matter and the like are left out). `pages` holds the start offset of each page. `summary` is a
    sentence or two from metadata, if the file has them. `report` says what was noticed on the way;
    `ingest/notes.py` has its keys. `boxes` say where lines stand on their pages, in order of `start`.
    """

    text: str
    title: str = ""
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    summary: str = ""
    boxes: tuple[Box, ...] = ()
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk before it has an id. `text_hash` names what is embedded."""

    span: Span
    page: int | None
    heading: tuple[str, ...]
    text_hash: bytes
    features: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that was loaded, split and analysed in a worker; `error` says why it was not.

    `embed` holds the text to embed for each piece, `vectors` the vectors where the worker embedded
    already; `content_hash` is the SHA-256 of the file.
    """

    place: str
    loaded: Loaded | None = None
    language: Language = "en"
    pieces: tuple[Piece, ...] = ()
    embed: tuple[str, ...] = ()
    vectors: NDArray[np.float16] | None = None
    content_hash: bytes = b""
    error: str = ""
    state: str = ""
    hint: str = ""
