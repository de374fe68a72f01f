"""The nouns. Frozen values; no effects.

Offsets count Unicode code points of a version's canonical text, 0-based, end exclusive.
Pages and citation numbers are 1-based. Times are seconds since the epoch, UTC.
Scores: higher is better, and only their order means anything across stores.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["user", "assistant"]
Language = Literal["en", "zh"]
AnswerStatus = Literal["answered", "not_found", "ambiguous", "refused"]
QuoteStatus = Literal["verified", "normalized"]
Reason = Literal[
    "",
    "nothing_near",  # no passage shares anything with the question
    "other_subject",  # passages are near, but they do not speak of what the question names
    "low_evidence",  # passages are near, but none carries the answer
    "several_meanings",  # the question fits several things; the choices are listed
    "contradiction",  # two documents that are current say different things; both are quoted
    "quotes_failed",  # an answer was made, but not one of its quotes could be proved
    "no_documents",  # the collection is empty
    "blocked",  # a guard stopped it
]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """Where a stretch of canonical text (`start`..`end`) stands on its page.

    Points (1/72 inch) from the upper left corner of the page as it is shown, x to the right, y down.
    """

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `groups` None means the operator, who may read every document of the tenant."""

    tenant: str
    name: str = "operator"
    groups: frozenset[str] | None = None

    def may_read(self, groups: tuple[str, ...]) -> bool:
        """A document without groups is open to the whole tenant."""
        return not groups or self.groups is None or not self.groups.isdisjoint(groups)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, oldest first in every list."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a face (CLI, HTTP, channel) hands to the first stage.

    `principal` is set by faces that know it (the CLI); otherwise `key` is the bearer key to check.
    """

    text: str
    history: tuple[Message, ...] = ()
    collection: str | None = None
    limit: int = 8
    principal: Principal | None = None
    key: str | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A request that was authenticated and parsed. `text` is NFC, without control characters."""

    text: str
    principal: Principal
    language: Language
    history: tuple[Message, ...] = ()
    collection: str | None = None
    limit: int = 8
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of canonical text under one heading path (outermost first)."""

    span: Span
    heading: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is searched. `heading` is the path, outermost first."""

    id: int
    document: str
    version: str
    ordinal: int
    span: Span
    page: int | None
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as `kb documents` lists it; figures are those of its current version."""

    id: str
    version: str
    source: str
    title: str
    collection: str
    chunks: int
    characters: int
    status: str
    language: str = "en"
    groups: tuple[str, ...] = ()
    updated: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One stored text of a document. `pages` holds the start offset of each page, if it has pages."""

    id: str
    document: str
    number: int
    state: str
    text: str
    title: str
    source: str
    collection: str
    language: str
    pages: tuple[int, ...] = ()
    created: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with the place where it stands."""

    document: str
    version: str
    source: str
    title: str
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    score: float
    collection: str = ""
    chunk: int = 0
    updated: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure retrieval is that the hits answer the question: `evidence` 0..1 and a band."""

    evidence: float
    band: Literal["confident", "unsure", "not_found"]
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval gives to the answerer: hits, best first, and a verdict over them.

    `details` is for `kb explain`: the terms searched, candidates before fusion, features per hit.
    """

    hits: tuple[Hit, ...]
    verdict: Verdict
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Citation:
    """A proved quote: `quote` stands at `start`..`end` of `version`'s canonical text.

    `claim` is the sentence of the answer that it stands for. `status` is `verified` when the
    characters are equal and `normalized` when they are equal after folding white space, width
    and quotation marks. `support` 0..1 is a second, separate judgement: whether the claim
    follows. `masked` are spans of `quote` that were blanked after it was verified. `boxes` say where
    the quote stands on its pages, for documents that have pages with boxes.
    """

    n: int
    claim: Span
    document: str
    version: str
    source: str
    title: str
    page: int | None
    heading: str
    start: int
    end: int
    quote: str
    status: QuoteStatus
    support: float
    score: float
    masked: tuple[Span, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the model calls; `counted` is true where we counted and the provider did not."""

    input_tokens: int = 0
    output_tokens: int = 0
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply. `degraded` names why the extractive answerer stood in for the model.

    `cost` is in US dollars, None when it is not known. `nearest` are the places closest to a
    question that was not answered.
    """

    text: str
    citations: tuple[Citation, ...]
    status: AnswerStatus
    reason: Reason = ""
    degraded: str | None = None
    evidence: float = 0.0
    usage: Usage = Usage()
    cost: float | None = None
    trace_id: str = ""
    model: str = ""
    nearest: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of answer text that has passed the gate. Pieces joined equal `Answer.text`."""

    text: str
