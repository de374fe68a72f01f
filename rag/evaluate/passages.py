"""Stored documents as drafts are made from: passages with their headings, in reading order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from rag.catalog.schema import chunks
from rag.evaluate.types import Gold
from rag.sentences import Sentence, plain, sentences
from rag.types import Document, Language
from rag.wording import ASKS


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` stands at `start` of the document's text. `heading` is the last of its path."""

    source: str
    title: str
    language: Language
    heading: str
    start: int
    text: str

    def gold(self, start: int, end: int) -> Gold:
        """The place `start`..`end` of this passage."""
        return Gold(self.source, self.text[start:end], self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, row or heading: `text` is its reading text, `heading` what it stands under."""

    sentence: Sentence
    text: str
    heading: str
    header: str = ""


def read(connection: Connection, tenant: str, document: Document, text: str) -> list[Passage]:
    """The passages of the document's current version, whose text is `text`."""
    c = chunks.c
    query = select(c.start, c.end, c.heading).where(c.tenant == tenant, c.version == document.version)
    language: Language = "zh" if document.language == "zh" else "en"
    return [
        Passage(document.source, document.title, language, _last(row[2]), row[0], text[row[0] : row[1]])
        for row in connection.execute(query.order_by(c.ordinal))
    ]


def units(passage: Passage) -> Iterator[Unit]:
    """What stands in a passage, without its headings; a question on a line of its own is a heading too.

    `header` is the raw header row above a row of the same table.
    """
    heading, header = passage.heading, ""
    for sentence in sentences(passage.text):
        raw = passage.text[sentence.start : sentence.end]
        said = plain(raw)
        if sentence.kind == "heading" or is_question_line(passage.text, sentence):
            heading = said
        elif sentence.kind == "header":
            header = raw
        elif said:
            header = header if sentence.kind == "row" else ""
            yield Unit(sentence, said, heading, header)


def is_question_line(text: str, sentence: Sentence) -> bool:
    """Whether it asks and has its line to itself."""
    begins = sentence.start == 0 or text[: sentence.start].rstrip(" \t#").endswith("\n")
    ends = text[sentence.end :].lstrip(" \t\r")[:1] in ("", "\n")
    return text[sentence.start : sentence.end].endswith(ASKS) and begins and ends


def _last(heading: str) -> str:
    return str(json.loads(heading)[-1]) if heading else ""
