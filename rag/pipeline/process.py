"""Fourth stage: search, and write an answer with the model or without one."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import cache, partial

from anyio import current_time

from rag import lapsed
from rag.cite import Statement
from rag.contradict import Contradiction
from rag.entries import entry_for
from rag.errors import NotFound
from rag.extract import Extract, Weights, extract, otherwise, whole
from rag.guards.injection import score
from rag.pack import Passage, counter, pack, standing
from rag.pipeline.compose import Once, Task, compose
from rag.pipeline.shapes import Draft, Outcome, Route, System
from rag.prompt import NOT_FOUND, build
from rag.types import Found, Language, Question, Verdict
from rag.unclear import ask_back, is_empty, is_unclear
from rag.wording import ASKS

_EXTRACTED_FROM = 8  # hits whose texts are needed without a model
_ENTRY: dict[Language, int] = {"en": 1200, "zh": 500}  # characters of an FAQ entry that are shown
_SURE = 0.95  # evidence of an entry that asks the same


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
    if found.hits and (entry := await _entry(question, found, system)):
        outcome.notes["route"] = "faq"
        sure = Verdict(max(found.verdict.evidence, _SURE), "confident")
        return Draft(question, given(entry), outcome, found.hits, sure)
    if found.hits and _asks_back(question, found):
        outcome.status, outcome.reason = "ambiguous", "several_meanings"
        asked = Statement(ask_back(found.hits, question.language))
        return Draft(question, given((asked,)), outcome, found.hits, found.verdict)
    if found.verdict.band == "not_found" or not found.hits:
        outcome.status, outcome.reason = "not_found", found.verdict.reason or "nothing_near"
        return Draft(question, given(_refusal(question, found)), outcome, found.hits, found.verdict)
    model = system.model
    passages = await _passages(found, question, system, None if model else _EXTRACTED_FROM)
    extract_once = cache(partial(_extract, question, passages, found))
    if model is None:
        return _without_model(question, found, outcome, extract_once())
    extracted = Once(lambda: extract_once().statements)
    prompt_passages = pack(passages, system.settings.context_tokens, counter())
    prompt = build(question, prompt_passages)
    outcome.notes |= {"prompt": prompt.hash, "passages": len(prompt_passages)}
    outcome.notes["tripwire"] = max((score(p.hit.text) for p in prompt_passages), default=0.0)
    task = Task(question, prompt_passages, prompt, model, system.settings, until, extracted)
    statements = _completed(compose(task, outcome), extract_once, outcome, question)
    return Draft(question, statements, outcome, found.hits, found.verdict, prompt.guarded, extracted)


async def _entry(question: Question, found: Found, system: System) -> tuple[Statement, ...]:
    """What an FAQ entry that asks the same says, unless another document says otherwise."""
    if not any(hit.heading.endswith(ASKS) for hit in found.hits):
        return ()
    passages = await _passages(found, question, system, None)
    entry = entry_for(question.text, passages)
    if entry is None or _extract(question, passages[:_EXTRACTED_FROM], found).contradiction:
        return ()
    return whole(entry, _ENTRY[question.language])


def _asks_back(question: Question, found: Found) -> bool:
    """Whether to ask what is meant: always when nothing is named, else where evidence is not great."""
    if found.verdict.band == "confident":
        return is_empty(question.text, question.history)
    return is_unclear(question.text, question.history)


def _without_model(question: Question, found: Found, outcome: Outcome, extracted: Extract) -> Draft:
    if not extracted.statements:
        outcome.status, outcome.reason = "not_found", "low_evidence"
        return Draft(question, given(_refusal(question, found)), outcome, found.hits, found.verdict)
    if extracted.contradiction:
        _note(extracted.contradiction, outcome)
    return Draft(question, given(extracted.statements), outcome, found.hits, found.verdict)


async def _completed(
    statements: AsyncGenerator[Statement],
    extract_once: Callable[[], Extract],
    outcome: Outcome,
    question: Question,
) -> AsyncGenerator[Statement]:
    """A model's statements, and what another document says otherwise than the one it cites."""
    cited: set[str] = set()
    async with aclosing(statements):
        async for statement in statements:
            cited.update(proof.hit.document for proof in statement.proofs)
            yield statement
    contradiction = extract_once().contradiction if outcome.status == "answered" and cited else None
    if contradiction and contradiction.documents & cited:
        _note(contradiction, outcome)
        for statement in otherwise(contradiction, cited, question.language):
            yield statement


def _refusal(question: Question, found: Found) -> tuple[Statement, ...]:
    """That nothing was found, and which document would answer if it counted today; none: the fixed words."""
    named = found.details.get("lapsed")
    if not isinstance(named, tuple):
        return ()
    gap = "" if question.language == "zh" else " "
    return (Statement(NOT_FOUND[question.language] + gap + lapsed.said(named, question.language)),)


def _note(contradiction: Contradiction, outcome: Outcome) -> None:
    outcome.reason = "contradiction"
    outcome.notes["contradiction"] = contradiction.kind


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


def _extract(question: Question, passages: Sequence[Passage], found: Found) -> Extract:
    """Sentences are chosen by the words of the passages' language, and introduced in the question's."""
    said = found.details.get("translation")
    if isinstance(said, Mapping):
        return extract(said["text"], passages, said["language"], said["idf"], speak=question.language)
    idf = found.details.get("idf")
    weights: Weights | None = idf if isinstance(idf, Mapping) or callable(idf) else None
    return extract(question.text, passages, question.language, weights)
