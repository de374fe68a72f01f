"""The five stages of a question, wrapped in one place: hooks, deadline, trace, limit.

auth -> parse -> route -> process -> reply, each `async def stage(input, system) -> output`.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar
from weakref import WeakKeyDictionary

from anyio import Semaphore, fail_after

from rag.cite import Statement
from rag.errors import Throttled, TimedOut
from rag.gate import mask_hit
from rag.hooks import Point, Stopped
from rag.pipeline.auth import auth
from rag.pipeline.parse import parse
from rag.pipeline.process import given, process
from rag.pipeline.reply import REFUSED, reply
from rag.pipeline.route import route
from rag.pipeline.shapes import Draft, Outcome, Route, System
from rag.trace import Trace
from rag.types import Answer, Hit, Piece, Principal, Question, Request

__all__ = ["Draft", "Outcome", "Route", "System", "answer", "search"]

A = TypeVar("A")
B = TypeVar("B")

AT_ONCE, WAITING = 64, 256  # questions of one process; more wait, still more are refused


class _Places:
    """How many questions are being answered."""

    def __init__(self) -> None:
        self.free = Semaphore(AT_ONCE, fast_acquire=True)
        self.waiting = 0


_places: "WeakKeyDictionary[System, _Places]" = WeakKeyDictionary()


async def answer(request: Request, system: System) -> AsyncGenerator[Piece | Answer]:
    """Pieces of text, then the answer. Closing the generator stops all work for it at once.

    Raises the errors of `rag.errors`, only before the first piece.
    """
    trace = Trace()
    places = await _enter(system)
    try:
        draft = await _draft(request, system, trace)
        with trace.timed("reply"):
            async with aclosing(reply(draft, system)) as items:
                async for item in items:
                    if isinstance(item, Answer):
                        item = await _finished(item, draft, system, trace)
                    yield item
    finally:
        places.free.release()


async def search(request: Request, system: System) -> list[Hit]:
    """Passages for a question, best first, masked for showing."""
    trace = Trace()
    places = await _enter(system)
    try:
        with fail_after(system.settings.deadline):
            known = await _stage("auth", auth, request, system, trace)
            question = await _stage("parse", parse, known, system, trace)
            found = await system.retrieve(question)
        return [mask_hit(hit) for hit in found.hits]
    except TimeoutError as error:
        raise TimedOut("the search took too long") from error
    finally:
        places.free.release()


async def _draft(request: Request, system: System, trace: Trace) -> Draft:
    """All stages but the last, within the deadline. A guard that stops the request makes it a refusal."""
    question: Question | None = None
    try:
        with fail_after(system.settings.deadline):
            known = await _stage("auth", auth, request, system, trace)
            question = await _stage("parse", parse, known, system, trace)
            way = await _stage("route", route, question, system, trace)
            draft = await _stage("process", process, way, system, trace)
            checked: Draft = await system.hooks.run("before:reply", draft, trace)
            return checked
    except TimeoutError as error:
        raise TimedOut("the answer took too long", hint="raise KB_DEADLINE") from error
    except Stopped as stop:
        trace.note(stopped=str(stop))
        return _refusal(question or _unknown(request, system))


async def _stage(
    name: str, stage: Callable[[A, System], Awaitable[B]], value: A, system: System, trace: Trace
) -> B:
    """One stage between its hooks, timed."""
    before: Point = f"before:{name}"  # type: ignore[assignment]  # the names of stages are few
    after: Point = f"after:{name}"  # type: ignore[assignment]
    with trace.timed(name):
        value = await system.hooks.run(before, value, trace)
        result = await stage(value, system)
        checked: B = await system.hooks.run(after, result, trace)
        return checked


async def _finished(item: Answer, draft: Draft, system: System, trace: Trace) -> Answer:
    """The answer with its trace id. What was shown cannot be taken back: here hooks only look."""
    trace.note(
        status=item.status,
        reason=item.reason,
        degraded=item.degraded,
        model=item.model,
        **draft.outcome.notes,
    )
    item = replace(item, trace_id=trace.id)
    system.record(draft.question, item)
    try:
        await system.hooks.run("after:reply", item, trace)
    except Stopped as stop:
        trace.note(stopped=str(stop))
    return item


async def _enter(system: System) -> _Places:
    """A place among those being answered. `Throttled` when too many wait already."""
    places = _places.setdefault(system, _Places()) if system not in _places else _places[system]
    if places.waiting >= WAITING:
        raise Throttled("too many questions at once", hint="try again in a moment", retry_after=1.0)
    places.waiting += 1
    try:
        await places.free.acquire()
    finally:
        places.waiting -= 1
    return places


def _refusal(question: Question) -> Draft:
    outcome = Outcome(status="refused", reason="blocked")
    return Draft(question, given((Statement(REFUSED[question.language]),)), outcome)


def _unknown(request: Request, system: System) -> Question:
    """For a refusal before the question was read."""
    return Question("", request.principal or Principal(system.settings.tenant, "nobody", frozenset()), "en")
