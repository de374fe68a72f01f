"""Drafts from recorded answers: what people asked, with the quotes they were shown as gold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from rag.catalog import answers
from rag.catalog.answers import Given
from rag.cite import unmark
from rag.evaluate.drafts import MOST_PLACES, Draft
from rag.evaluate.types import Gold
from rag.gate import mask
from rag.pipeline.parse import language
from rag.sentences import plain
from rag.types import Document, Message
from rag.unanswered import AGAIN, Cluster, Wording, before

ANSWERED, NOT_FOUND = "asked", "asked-not-found"


@dataclass(frozen=True, slots=True)
class Asking:
    """The newest answer to a question, and the turns of the conversation before it."""

    given: Given
    history: tuple[Message, ...]

    @property
    def citations(self) -> list[dict[str, Any]]:
        """Those that were shown whole."""
        return [one for one in self.given.body.get("citations", ()) if not one.get("masked")]


def read(connection: Connection, tenant: str, most: int) -> list[Asking]:
    """The questions that were answered most often; of equals, those asked first."""
    ids = answers.answered(connection, tenant)
    often = sorted(ids.items(), key=lambda item: -len(item[1]))[:most]
    found = answers.given(connection, tenant, [some[-1] for _, some in often])
    by_id = {one.id: one for one in found}
    made = [by_id[some[-1]] for _, some in often if some[-1] in by_id]
    return [Asking(one, _history(connection, tenant, one)) for one in made]


def _history(connection: Connection, tenant: str, one: Given) -> tuple[Message, ...]:
    if one.conversation in ("", AGAIN):
        return ()
    return before(one, answers.turns(connection, tenant, one.conversation))


def draft(asking: Asking, documents: Mapping[str, Document], texts: Mapping[str, str]) -> Draft | str:
    """The draft, or in a word why there is none.

    `documents` are by id, `texts` the current texts by version. A quote that no longer stands in the
    current text is no gold; nor is one of which something was masked.
    """
    if not asking.citations or mask(asking.given.question)[1]:
        return "without a quote that may be shown"
    gold = [_gold(one, documents, texts) for one in asking.citations]
    standing = tuple(dict.fromkeys(one for one in gold if one is not None))
    if not standing:
        return "quoting a text that is gone or has changed"
    question = asking.given.question
    answer = plain(unmark(str(asking.given.body.get("text", "")))[0])
    return Draft(
        question, language(question), ANSWERED, answer, standing[:MOST_PLACES], history=asking.history
    )


def _gold(
    citation: Mapping[str, object], documents: Mapping[str, Document], texts: Mapping[str, str]
) -> Gold | None:
    """The cited place in the document as it is now."""
    document = documents.get(str(citation["document"]))
    text = texts.get(document.version) if document else None
    quote, start = str(citation["quote"]), citation["start"]
    if document is None or text is None or not isinstance(start, int) or not quote.strip():
        return None
    if text[start : start + len(quote)] != quote:
        start = text.find(quote)
    return Gold(document.source, quote, start, start + len(quote)) if start >= 0 else None


def unanswerable(clusters: Sequence[Cluster], most: int) -> list[Draft]:
    """The wording asked most of each cluster: a person knows whether nothing answers it."""
    named = [one.wordings[0] for one in clusters if not mask(one.wordings[0].text)[1]]
    return [_unanswerable(one) for one in named[:most]]


def _unanswerable(one: Wording) -> Draft:
    return Draft(one.text, language(one.text), NOT_FOUND, answerable=False, history=one.history)


def reasons(made: Sequence[Draft | str]) -> Counter[str]:
    """Why there are no drafts, counted."""
    return Counter(one for one in made if isinstance(one, str))
