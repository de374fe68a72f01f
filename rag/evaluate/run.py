"""Asking the questions, each through the same pipeline as a user's."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter

from anyio.to_thread import run_sync

from rag.errors import BackendError, BadInput, ConfigError, NotFound
from rag.evaluate import gold
from rag.evaluate import judge as judging
from rag.evaluate.gold import Stored
from rag.evaluate.measures import measure
from rag.evaluate.types import Case, Place, Quote, Row
from rag.models import Model
from rag.pipeline.parse import MOST_HITS
from rag.system import System
from rag.types import Answer, Citation, Document, Hit, Request

JOBS_WITH_MODEL = 4  # a model is waited for; without one a question keeps a core busy


async def rows(
    system: System, cases: Sequence[Case], *, jobs: int | None = None, judge: Model | None = None
) -> AsyncGenerator[Row]:
    """A measured row for each question, as it is done; at most `jobs` are asked at once. `judge` is
    asked about each answer.

    A question that fails is a row with `error`; what fails for all, such as a wrong setting, is
    raised. `ConfigError` where answers would be kept as those of users: open with `record=False`.
    """
    if system.settings.record:
        raise ConfigError("an evaluation must not be recorded", hint="open the system with record=False")
    evaluation = replace(await _prepared(system, cases), judge=judge)
    at_once = jobs or (JOBS_WITH_MODEL if system.settings.model or judge else 1)
    async with aclosing(_as_done(cases, evaluation.row, at_once)) as done:
        async for row in done:
            yield row


@dataclass(frozen=True, slots=True)
class _Evaluation:
    system: System
    stored: Sequence[Stored]
    collections: Mapping[str, str]  # of documents, by id
    judge: Model | None = None

    async def row(self, case: Case) -> Row:
        golds = await run_sync(gold.find, case, self.stored)
        row = Row(case, gold=golds.places, note=golds.note)
        try:
            row = await self._answered(row)
        except (BadInput, BackendError) as error:
            row = replace(row, error=str(error) or type(error).__name__)
        row = replace(row, measures=measure(row))
        return await judging.judged(row, self.judge) if self.judge else row

    async def _answered(self, row: Row) -> Row:
        """The answer, timed; then the passages, which no user waits for."""
        system, case = self.system, row.case
        request = Request(
            case.question, case.history, case.collection, system.settings.limit, system.operator
        )
        started = perf_counter()
        answer = await system.ask(request)
        seconds = perf_counter() - started
        hits = await system.search(
            case.question, history=case.history, collection=case.collection, limit=MOST_HITS
        )
        return replace(
            row,
            found=tuple(_place(hit) for hit in hits),
            status=answer.status,
            reason=answer.reason,
            degraded=answer.degraded,
            evidence=answer.evidence,
            text=answer.text,
            quotes=tuple([await self._quote(answer, one) for one in answer.citations]),
            seconds=round(seconds, 6),
            tokens=answer.usage.input_tokens + answer.usage.output_tokens,
            cost=answer.cost if answer.cost is not None or system.settings.model else 0.0,
            model=answer.model,
        )

    async def _quote(self, answer: Answer, one: Citation) -> Quote:
        try:
            text = await self.system.version_text(self.system.settings.tenant, one.version)
        except NotFound:
            text = ""
        return Quote(
            place=Place(one.source, one.start, one.end, self.collections.get(one.document, "")),
            text=one.quote,
            claim=answer.text[one.claim.start : one.claim.end],
            support=one.support,
            verbatim=stands(one, text),
        )


def stands(citation: Citation, text: str) -> bool:
    """Whether a quote as shown is what stands at its place; masked characters are not compared."""
    stored = text[citation.start : citation.end]
    if len(stored) != len(citation.quote):
        return False
    masked = {i for span in citation.masked for i in range(span.start, span.end)}
    return all(a == b or i in masked for i, (a, b) in enumerate(zip(stored, citation.quote, strict=True)))


async def check(system: System, cases: Sequence[Case]) -> None:
    """`BadInput` where there is nothing to ask: no document at all, or not the collection of a question."""
    known = sorted({one.collection for one in await system.documents()})
    if not known:
        raise BadInput("there are no documents to ask", hint="kb ingest FOLDER reads some")
    for case in cases:
        if case.collection is not None and case.collection not in known:
            raise BadInput(
                f"{case.where}: no collection {case.collection!r}; there are: {', '.join(known)}",
                hint="--collection NAME puts all questions to one collection",
            )


async def _prepared(system: System, cases: Sequence[Case]) -> _Evaluation:
    """Everything that the first question would otherwise wait for."""
    documents = await system.documents()
    await system.warm()
    await system.search("warm 热身", limit=1)  # loads what `warm` leaves, such as the dictionary
    stored = await _texts(system, gold.needed(cases, documents))
    return _Evaluation(system, stored, {one.id: one.collection for one in documents})


async def _texts(system: System, documents: Sequence[Document]) -> list[Stored]:
    """Current texts; a document that has none, or went meanwhile, is left out."""
    found = []
    for one in documents:
        try:
            text = await system.version_text(system.settings.tenant, one.version)
        except NotFound:
            continue
        found.append(Stored(one.source, one.collection, text))
    return found


def _place(hit: Hit) -> Place:
    return Place(hit.source, hit.start, hit.end, hit.collection)


async def _as_done(
    cases: Sequence[Case], ask: Callable[[Case], Awaitable[Row]], at_once: int
) -> AsyncGenerator[Row]:
    """Results as they come. Closing it, or the first exception, stops what is still running."""
    waiting = iter(cases)
    running = {asyncio.ensure_future(ask(case)) for case in islice(waiting, at_once)}
    try:
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running |= {asyncio.ensure_future(ask(case)) for case in islice(waiting, len(done))}
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
