"""What goes over HTTP, as OpenAPI tells it. Requests are validated with these; answers are written
by `api.encode` and only described here (a test holds the two together)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.types import AnswerStatus, QuoteStatus, Reason

_EXAMPLE: dict[str, Any] = {
    "question": "How many days of annual leave are there?",
    "history": [
        {"role": "user", "content": "I am new here."},
        {"role": "assistant", "content": "Welcome."},
    ],
    "collection": "default",
    "limit": 8,
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Turn(_Model):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


class Ask(_Model):
    """A question, with what was said before, oldest first."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    question: Annotated[str, Field(description="in English, Chinese or both")]
    history: Annotated[list[Turn], Field(description="earlier turns, oldest first")] = []
    collection: Annotated[str | None, Field(description="only documents of this collection")] = None
    limit: Annotated[int | None, Field(ge=1, le=50, description="most passages")] = None
    stream: Annotated[bool, Field(description="answer as server-sent events")] = False


class Span(_Model):
    """Code points, 0-based, end exclusive."""

    start: int
    end: int


class Box(_Model):
    """A line of a quote on its page: points from the upper left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Citation(_Model):
    """A proved quote: it stands at `start`..`end` of the stored text of `version`."""

    n: int = Field(description="the marker [n] in the text")
    claim: Span = Field(description="the sentence of the answer that it stands for")
    document: str
    version: str
    source: str = Field(description="path relative to the ingested folder")
    title: str
    page: int | None = Field(description="1-based")
    heading: str
    start: int
    end: int
    quote: str
    status: QuoteStatus
    support: float = Field(description="0..1: whether the sentence follows from the quote")
    score: float
    masked: list[Span] = Field(description="parts of the quote that were blanked after the proof")
    boxes: list[Box] = Field(description="where the quote stands on its pages, if there are any")


class Usage(_Model):
    """Tokens of the model calls."""

    input_tokens: int
    output_tokens: int
    counted: bool = Field(description="true when counted by us and not by the provider")


class Hit(_Model):
    """A passage, with the place where it stands."""

    document: str
    version: str
    source: str
    title: str
    collection: str
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    score: float = Field(description="higher is better; only the order means anything")


class Answer(_Model):
    """An answer. `status` not_found is one too: the documents do not say."""

    text: str
    citations: list[Citation]
    status: AnswerStatus
    reason: Reason
    degraded: str | None = Field(description="why the model did not write it, if one is set")
    evidence: float
    usage: Usage
    cost: float | None = Field(description="US dollars; null when it is not known")
    trace_id: str
    model: str
    nearest: list[Hit] = Field(description="closest places when there is no answer")


class Hits(_Model):
    """Passages, best first."""

    hits: list[Hit]


class Document(_Model):
    """A document and the figures of its current version."""

    id: str
    version: str
    source: str
    title: str
    collection: str
    chunks: int
    characters: int
    status: str
    detail: str
    language: str
    groups: list[str]
    updated: float


class Documents(_Model):
    """Documents that this key may read."""

    documents: list[Document]


class Health(_Model):
    """The service lives, or is ready."""

    status: Literal["ok", "ready"]


class Fault(_Model):
    """One field that does not fit."""

    field: str
    message: str


class Problem(_Model):
    """An error as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    hint: str
    request_id: str
    errors: list[Fault] = []
