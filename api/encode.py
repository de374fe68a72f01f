"""The nouns as JSON: written by hand, because an answer passes here on every request.

CLI and HTTP give the same objects. Names and order are part of the interface.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from rag.errors import KBError
from rag.types import Answer, Box, Citation, Document, Hit, Span, Version

Json = dict[str, Any]


def to_json(value: object) -> bytes:
    """Compact UTF-8; a lone surrogate becomes a question mark rather than an error."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def answer(value: Answer) -> Json:
    """The `Answer` noun."""
    usage = value.usage
    return {
        "text": value.text,
        "citations": [citation(one) for one in value.citations],
        "status": value.status,
        "reason": value.reason,
        "degraded": value.degraded,
        "evidence": value.evidence,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "counted": usage.counted,
        },
        "cost": value.cost,
        "trace_id": value.trace_id,
        "model": value.model,
        "nearest": [hit(one) for one in value.nearest],
    }


def citation(value: Citation) -> Json:
    """One proved quote; `start` and `end` count in the canonical text of `version`."""
    return {
        "n": value.n,
        "claim": span(value.claim),
        "document": value.document,
        "version": value.version,
        "source": value.source,
        "title": value.title,
        "page": value.page,
        "heading": value.heading,
        "start": value.start,
        "end": value.end,
        "quote": value.quote,
        "status": value.status,
        "support": value.support,
        "score": value.score,
        "masked": [span(one) for one in value.masked],
        "boxes": [box(one) for one in value.boxes],
    }


def box(value: Box) -> Json:
    """A line of a quote on its page: points from the upper left corner."""
    return {"page": value.page, "x0": value.x0, "y0": value.y0, "x1": value.x1, "y1": value.y1}


def span(value: Span) -> Json:
    """A range of code points."""
    return {"start": value.start, "end": value.end}


def hit(value: Hit) -> Json:
    """A passage with its place."""
    return {
        "document": value.document,
        "version": value.version,
        "source": value.source,
        "title": value.title,
        "collection": value.collection,
        "page": value.page,
        "heading": value.heading,
        "start": value.start,
        "end": value.end,
        "text": value.text,
        "score": value.score,
    }


def document(value: Document) -> Json:
    """A row of `kb documents`."""
    return {
        "id": value.id,
        "version": value.version,
        "source": value.source,
        "title": value.title,
        "collection": value.collection,
        "chunks": value.chunks,
        "characters": value.characters,
        "status": value.status,
        "detail": value.detail,
        "language": value.language,
        "groups": list(value.groups),
        "updated": value.updated,
    }


def version(value: Version) -> Json:
    """A stored text with what is known of it."""
    return {
        "document": value.document,
        "version": value.id,
        "number": value.number,
        "state": value.state,
        "source": value.source,
        "title": value.title,
        "collection": value.collection,
        "language": value.language,
        "pages": list(value.pages),
        "created": value.created,
        "characters": len(value.text),
        "text": value.text,
    }


def hits(values: Sequence[Hit]) -> Json:
    """What a search returns."""
    return {"hits": [hit(one) for one in values]}


def documents(values: Sequence[Document]) -> Json:
    """What a listing returns."""
    return {"documents": [document(one) for one in values]}


def problem(error: KBError) -> Json:
    """An error as RFC 9457 has it, with our `code` and `hint`."""
    return problem_of(error.status, error.slug, str(error), error.hint)


def problem_of(status: int, code: str, detail: str, hint: str = "") -> Json:
    """A problem object; `type` names the kind of error, `detail` this one."""
    return {
        "type": f"urn:kb:error:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
    }


@cache
def product_version() -> str:
    """The installed version of kb."""
    from importlib import metadata  # slow to import, and most commands do without

    try:
        return metadata.version("kb")
    except metadata.PackageNotFoundError:
        return "0"
