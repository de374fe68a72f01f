"""Fourth stage: search, and write an answer with the model or without one."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial

from anyio import current_time

from rag.cite import Statement
from rag.errors import NotFound
from rag.extract import Weights, extract
from rag.guards.injection import score
from rag.pack import Passage, counter, pack, standing
from rag.pipeline.compose import Once, Task, compose
from rag.pipeline.shapes import Draft, Outcome, Route, System
from rag.prompt import build
from rag.types import Found, Question

_EXTRACTED_FROM = 3  # hits whose texts are needed without a model


async def process(route: Route, system: System) -> Draft:
    """A draft whose statements are proved as they come. Raises what retrieval raises."""
    question = route.question
    outcome = Outcome(notes={"route": route.kind, "injection": score(question.text)})
    if route.kind != "search":
        if route.kind == "refuse":
            outcome.status, outcome.reason = "refused", "blocked"
        return Draft(question, given((Statement(route.text),)), outcome)
    until = current_time() + system.settings.deadline
    found = await system.retrieve(question)
    outcome.notes["band"] = found.verdict.band
    if found.verdict.band == "not_found" or not found.hits:
        outcome.status, outcome.reason = "not_found", found.verdict.reason or "nothing_near"
        return Draft(question, given(()), outcome, found.hits, found.verdict)
    model = system.model
    passages = await _passages(found, question, system, None if model else _EXTRACTED_FROM)
    extracted = Once(partial(_extracted, question, passages, found))
    if model is None:
        return _without_model(question, found, outcome, extracted())
    prompt_passages = pack(passages, system.settings.context_tokens, counter())
    prompt = build(question, prompt_passages)
    outcome.notes |= {"prompt": prompt.hash, "passages": len(prompt_passages)}
    outcome.notes["tripwire"] = max((score(p.hit.text) for p in prompt_passages), default=0.0)
    task = Task(question, prompt_passages, prompt, model, system.settings, until, extracted)
    statements = compose(task, outcome)
    return Draft(question, statements, outcome, found.hits, found.verdict, prompt.guarded, extracted)


def _without_model(
    question: Question, found: Found, outcome: Outcome, statements: Sequence[Statement]
) -> Draft:
    if not statements:
        outcome.status, outcome.reason = "not_found", "low_evidence"
    return Draft(question, given(statements), outcome, found.hits, found.verdict)


async def given(statements: Sequence[Statement]) -> AsyncGenerator[Statement]:
    """Statements that are there already."""
    for statement in statements:
        yield statement


async def _passages(
    found: Found, question: Question, system: System, most: int | None
) -> tuple[Passage, ...]:
    """Hits with the texts they stand in; a version that went meanwhile is left out."""
    hits = found.hits[:most]
    texts: dict[str, str] = {}
    for version in dict.fromkeys(hit.version for hit in hits):
        try:
            texts[version] = await system.version_text(question.principal.tenant, version)
        except NotFound:
            continue
    return standing(hits, texts)


def _extracted(question: Question, passages: Sequence[Passage], found: Found) -> tuple[Statement, ...]:
    idf = found.details.get("idf")
    weights: Weights | None = idf if isinstance(idf, Mapping) or callable(idf) else None
    return extract(question.text, passages, question.language, weights)
