"""The nouns of an evaluation. Frozen values; no effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.types import Language, Message

Need = Literal["any", "all"]


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that answers a question: `quote` in the document `file`, a path that ends like its source.

    `start`..`end` are code points of the document's text where the file gives them, else None.
    """

    file: str
    quote: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question to be measured. `where` is the file and line that it was read from.

    `need` says whether one of several places suffices. A case without `answer` and without `gold`
    is measured by what it must refuse, if it is not `answerable`, else only by its speed.
    """

    id: str
    question: str
    where: str
    answer: str = ""
    gold: tuple[Gold, ...] = ()
    need: Need = "any"
    answerable: bool = True
    history: tuple[Message, ...] = ()
    language: Language = "en"
    kind: str = ""
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the current version of a document, by source.

    `collection` keeps documents of the same source apart.
    """

    source: str
    start: int
    end: int
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation as it was shown. `verbatim` is the evaluation's own look at the stored text."""

    place: Place
    text: str
    claim: str
    support: float
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What one case gave. `measures` holds a number for everything that could be measured on it.

    `gold` are the places found in the stored texts; `found` the passages, best first. `cost` is in
    US dollars. `error` is set instead of an answer when asking failed. `note` says why a measure is
    missing that the case asks for, such as a gold that stands in no document.
    """

    case: Case
    gold: tuple[Place, ...] = ()
    found: tuple[Place, ...] = ()
    status: str = ""
    reason: str = ""
    degraded: str | None = None
    evidence: float = 0.0
    text: str = ""
    quotes: tuple[Quote, ...] = ()
    seconds: float = 0.0
    tokens: int = 0
    cost: float | None = None
    model: str = ""
    error: str = ""
    note: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def collection(self) -> str:
        """The one that was asked, else the one in which all golds stand; '' when neither is known."""
        if self.case.collection:
            return self.case.collection
        stands = {place.collection for place in self.gold}
        return stands.pop() if len(stands) == 1 else ""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole evaluation. `about` says when, with which version, settings and question files."""

    about: Mapping[str, object]
    rows: tuple[Row, ...]
