"""Why an answer is as it is: what was searched, found, judged and removed, and what took how long."""

from dataclasses import dataclass, field
from typing import Any

from api import encode
from rag.system import System
from rag.trace import Trace
from rag.types import Answer, Found, Question


@dataclass(slots=True)
class Seen:
    """What the hooks saw of one question."""

    question: Question | None = None
    trace: Trace | None = None

    def parsed(self, value: Question, trace: Trace) -> None:
        """After parsing: the question as it is searched."""
        self.question, self.trace = value, trace


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer with the way that led to it; `found` is None when nothing was searched."""

    answer: Answer
    question: Question | None
    found: Found | None
    timings: dict[str, float] = field(default_factory=dict)
    notes: dict[str, object] = field(default_factory=dict)


async def explain(system: System, text: str, *, collection: str | None, limit: int | None) -> Explanation:
    """Answer the question and say how. The search is made once more, to show its parts."""
    seen = Seen()
    system.hooks.observe("after:parse", seen.parsed)
    answer = await system.ask(text, collection=collection, limit=limit)
    found = await system.retrieve(seen.question) if seen.question is not None else None
    trace = seen.trace or Trace()
    return Explanation(answer, seen.question, found, dict(trace.timings), dict(trace.fields))


def as_json(made: Explanation) -> dict[str, Any]:
    """The object of `kb explain --json`."""
    details = dict(made.found.details) if made.found else {}
    verdict = made.found.verdict if made.found else None
    return {
        "question": made.question.text if made.question else "",
        "language": made.question.language if made.question else "",
        "terms": details.pop("idf", {}),
        "candidates": {
            "keyword": details.pop("keyword_candidates", 0),
            "vector": details.pop("vector_candidates", 0),
        },
        "ranked": details.pop("ranked", []),
        "evidence": verdict.evidence if verdict else 0.0,
        "band": verdict.band if verdict else "",
        "reason": verdict.reason if verdict else "",
        "timings": made.timings,
        "trace": made.notes,
        "answer": encode.answer(made.answer),
    }
