"""The model's answer as proved statements, and the answer without it when it fails.

A sentence is released only after its citations are proved. A sentence that needs none waits for the
next one that has some, so an answer without a single proof shows nothing of the model's text.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from random import random
from typing import TypeVar

from anyio import current_time, fail_after, sleep

from rag.cite import Statement, check, unmark
from rag.errors import BackendError, Throttled, TimedOut, Unreachable
from rag.models import Delta, Model
from rag.pack import Passage, guess
from rag.pipeline.shapes import Outcome
from rag.prompt import NOT_FOUND, Prompt
from rag.segments import Segments
from rag.settings import Settings
from rag.types import Question, Usage

T = TypeVar("T")

_RETRY_SECONDS = 0.1  # before the only retry, plus as much again at random
_CHARACTERS_A_TOKEN = 8  # a model that writes more than this is not stopped by its limit
_ODD = 0.02  # share of characters without a shape above which a text is rubbish
_REPEATS = 5  # sentences said again, after which a model goes round in circles


class Rubbish(BackendError):
    """The model answered, but not with anything that may be read as an answer."""


class Once:
    """The extractive answer, made when it is first needed."""

    def __init__(self, make: Callable[[], tuple[Statement, ...]]) -> None:
        self._make = make
        self._made: tuple[Statement, ...] | None = None

    def __call__(self) -> tuple[Statement, ...]:
        if self._made is None:
            self._made = self._make()
        return self._made


@dataclass(frozen=True, slots=True)
class Task:
    """A question for a model. `until` is when the whole answer must be done, by the event loop's clock."""

    question: Question
    passages: Sequence[Passage]
    prompt: Prompt
    model: Model
    settings: Settings
    until: float
    extracted: Once


async def compose(task: Task, outcome: Outcome) -> AsyncGenerator[Statement]:
    """Proved statements: the model's, or those of the extractive answer; `outcome` says which and why."""
    shown = False
    outcome.model = task.model.name
    try:
        proved = _Proved(task, outcome)
        async with aclosing(proved.statements()) as statements:
            async for statement in statements:
                shown = True
                yield statement
        outcome.degraded = None if shown or outcome.status == "not_found" else proved.nothing_shown()
    except Exception as error:  # noqa: BLE001  # an outside model may raise anything; none may stop the answer
        outcome.degraded = "model_cut" if shown else _name(error)
        outcome.notes["model_error"] = f"{type(error).__name__}: {error}"
    if shown or outcome.status == "not_found":
        return
    outcome.model = ""
    for statement in task.extracted():
        shown = True
        yield statement
    if not shown:
        outcome.status, outcome.reason = "not_found", "quotes_failed"


def _name(error: Exception) -> str:
    for kind, name in (
        (TimedOut, "model_timeout"),
        (Throttled, "model_throttled"),
        (Unreachable, "model_unreachable"),
        (Rubbish, "model_rubbish"),
    ):
        if isinstance(error, kind):
            return name
    return "model_error"


class _Proved:
    """Sentence after sentence of one model's answer."""

    def __init__(self, task: Task, outcome: Outcome) -> None:
        self._task = task
        self._outcome = outcome
        self._waiting: list[Statement] = []
        self._said: set[str] = set()
        self._repeats = 0
        self._cited = False
        self._text = ""

    async def statements(self) -> AsyncGenerator[Statement]:
        """What may be shown, as soon as it may."""
        segments = Segments()
        watch = self._task.prompt.guarded.watch()
        async with aclosing(_deltas(self._task, self._outcome)) as deltas:
            async for text in deltas:
                self._text += text
                self._bounded()
                if watch.sees(text):
                    raise Rubbish("the model repeats its instructions")
                for segment in segments.feed(text):
                    for statement in self._consider(segment):
                        yield statement
        for segment in segments.finish():
            for statement in self._consider(segment):
                yield statement
        if self._cited:
            for statement in self._waiting:
                yield statement

    def nothing_shown(self) -> str:
        """Why nothing of the model's text was shown."""
        text = "".join(self._text.split())
        odd = sum(not character.isprintable() for character in text)
        return "quotes_failed" if text and odd <= _ODD * len(text) else "model_rubbish"

    def _consider(self, segment: str) -> list[Statement]:
        if self._says_not_found(segment):
            self._outcome.status, self._outcome.reason = "not_found", "low_evidence"
            return []
        segment = segment.replace(self._task.prompt.mark, "")
        statement = check(segment, self._task.passages, self._task.question.text)
        if statement is None:
            self._outcome.notes["dropped"] = int(str(self._outcome.notes.get("dropped", 0))) + 1
            return []
        if self._is_repeated(statement):
            return []
        self._waiting.append(statement)
        if not statement.proofs:
            return []
        ready, self._waiting = self._waiting, []
        self._cited = True
        self._outcome.status, self._outcome.reason = "answered", ""
        return ready

    def _is_repeated(self, statement: Statement) -> bool:
        """True for a sentence that was said before; too many of them end the answer."""
        text = statement.text.strip()
        if not statement.proofs or text not in self._said:
            self._said.add(text)
            return False
        self._repeats += 1
        if self._repeats > _REPEATS:
            raise Rubbish("the model repeats itself")
        return True

    def _says_not_found(self, segment: str) -> bool:
        said = unmark(segment)[0].strip().rstrip(".。").casefold()
        return not self._cited and said in {phrase.rstrip(".。").casefold() for phrase in NOT_FOUND.values()}

    def _bounded(self) -> None:
        if len(self._text) > self._task.settings.answer_tokens * _CHARACTERS_A_TOKEN:
            raise Rubbish("the model does not stop writing")


async def _deltas(task: Task, outcome: Outcome) -> AsyncGenerator[str]:
    """The model's text. One retry, only before the first text and only while time is left for it."""
    first_until = min(current_time() + task.settings.first_text, task.until)
    for is_last in (False, True):
        began = False
        try:
            async with aclosing(_attempt(task, first_until)) as deltas:
                async for delta in deltas:
                    began = began or bool(delta.text.strip())
                    outcome.usage = delta.usage or _counted(task, outcome.usage, delta)
                    if delta.text:
                        yield delta.text
            return
        except BackendError as error:
            if not error.retryable or isinstance(error, TimedOut):
                raise
            pause = _RETRY_SECONDS * (1 + random())  # noqa: S311  # only spreads retries
            pause = max(pause, getattr(error, "retry_after", None) or 0.0)
            if began or is_last or current_time() + pause >= first_until:
                raise
            outcome.notes["retried"] = type(error).__name__
            await sleep(pause)


async def _attempt(task: Task, first_until: float) -> AsyncGenerator[Delta]:
    """One call of the model. `TimedOut` when its first text or its end comes too late."""
    stream = task.model.stream(task.prompt.turns, max_tokens=task.settings.answer_tokens)
    async with _closing(stream) as deltas:
        began = False
        while True:
            until = task.until if began else first_until
            try:
                with fail_after(max(0.0, until - current_time())):
                    delta = await anext(deltas, None)
            except TimeoutError as error:
                raise TimedOut("the model is late") from error
            if delta is None:
                return
            began = began or bool(delta.text.strip())
            yield delta


def _counted(task: Task, usage: Usage, delta: Delta) -> Usage:
    """Tokens as far as we can tell, until the service tells them."""
    if usage.output_tokens and not usage.counted:
        return usage
    sent = usage.input_tokens or guess("".join(turn.content for turn in task.prompt.turns))
    return Usage(sent, usage.output_tokens + guess(delta.text), counted=True)


@asynccontextmanager
async def _closing(stream: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """The stream, closed at the end whatever happens; closing it closes the connection behind it."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
