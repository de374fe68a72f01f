"""What the stages hand to each other, and what they need of the system."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rag.cite import Statement
from rag.gate import Guarded
from rag.hooks import Hooks
from rag.models import Model
from rag.settings import Settings
from rag.types import Answer, AnswerStatus, Box, Found, Hit, Question, Reason, Usage, Verdict


class System(Protocol):
    """The part of `rag.system.System` that a question needs."""

    @property
    def settings(self) -> Settings: ...
    @property
    def model(self) -> Model | None: ...
    @property
    def hooks(self) -> Hooks: ...

    async def retrieve(self, question: Question) -> Found:
        """Passages that the principal may read, best first, and a verdict over them."""
        ...

    def record(self, question: Question, answer: Answer) -> None:
        """Keep an answer; returns at once."""
        ...

    async def version_text(self, tenant: str, version: str) -> str:
        """The canonical text of a stored version; `NotFound` when it is gone."""
        ...

    async def boxes(self, tenant: str, version: str, start: int, end: int) -> tuple[Box, ...]:
        """Where a stretch of a stored text stands on its pages; empty for texts without pages."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """Which way a question goes; `text` is the fixed answer of small talk and refusals."""

    kind: Literal["search", "small_talk", "refuse"]
    question: Question
    text: str = ""


@dataclass(slots=True)
class Outcome:
    """How an answer came about. It is complete once its draft's statements are exhausted."""

    status: AnswerStatus = "answered"
    reason: Reason = ""
    degraded: str | None = None
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    notes: dict[str, object] = field(default_factory=dict)  # for the trace; no texts


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer in the making: statements as they come, not yet through the gate.

    `instead` answers the same question without a model, for when the gate lets nothing pass.
    """

    question: Question
    statements: AsyncGenerator[Statement]
    outcome: Outcome
    hits: tuple[Hit, ...] = ()
    verdict: Verdict = field(default_factory=lambda: Verdict(0.0, "not_found"))
    guarded: Guarded | None = None
    instead: Callable[[], Sequence[Statement]] = tuple
