"""The real client against a real server that does everything a service may do wrong."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress

import anyio
import pytest
from anyio.to_thread import run_sync
from openai import AsyncOpenAI

from rag.errors import BackendError, KBError, Throttled, TimedOut, Unreachable
from rag.models import Model, Turn
from rag.models.openai import connect
from rag.models.scripted import connect as scripted
from rag.settings import Settings
from rag.types import Usage
from tests.servers.model import BEHAVIOURS, FAULTS, ModelServer

pytestmark = pytest.mark.anyio

TURNS = [
    Turn("system", "Quote the passages."),
    Turn("user", 'Question: How much leave?\n{"n": 1, "text": "Hello. Leave is 20 days a year. 再见。"}'),
]
ANSWER = '"Leave is 20 days a year." [1]'
USAGE = Usage(321, 45)
Connect = Callable[..., Model]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
async def model(server: ModelServer) -> AsyncGenerator[Connect]:
    """Connects to the server; what was connected is closed afterwards."""
    opened: list[Model] = []

    def open_model(name: str, *, deadline: float = 30.0, url: str = "") -> Model:
        settings = Settings(model_url=url or server.url, model_key="sk-test", deadline=deadline)
        opened.append(connect(name, settings))
        return opened[-1]

    yield open_model
    for each in opened:
        await each.close()


async def hear(model: Model, *, max_tokens: int = 200) -> tuple[str, Usage | None]:
    deltas = [delta async for delta in model.stream(TURNS, max_tokens=max_tokens)]
    return "".join(delta.text for delta in deltas), deltas[-1].usage


async def fail(model: Model, *, max_tokens: int = 200) -> tuple[str, KBError]:
    """What was heard before the error, and the error: one of ours, or the test fails."""
    heard = ""
    try:
        async for delta in model.stream(TURNS, max_tokens=max_tokens):
            heard += delta.text
    except KBError as error:
        return heard, error
    raise AssertionError(f"no error after {heard!r}")


SILENT = {"slow", "stall", "hang"}
FAILING = {"drop", "endless", "throttled", "timeout", "unreachable", "broken"}


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if name not in SILENT | FAILING])
async def test_over_the_wire_it_says_what_the_script_says(name: str, model: Connect) -> None:
    spoken, _ = await hear(scripted(name, Settings()), max_tokens=10_000)
    assert await hear(model(name), max_tokens=10_000) == (spoken, USAGE)


async def test_a_request_asks_for_what_it_needs_and_no_more(model: Connect, server: ModelServer) -> None:
    await hear(model("honest"), max_tokens=77)
    (request,) = server.requests
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.headers["accept-encoding"] == "identity"
    assert request.body == {
        "model": "honest",
        "messages": [{"role": turn.role, "content": turn.content} for turn in TURNS],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 77,
    }


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ("reasoning", (ANSWER, USAGE)),
        ("toolcall", ("", USAGE)),
        ("nochoices", ("", USAGE)),
        ("wrongtypes", (ANSWER, None)),
        ("nousage", (ANSWER, None)),
        ("nodone", (ANSWER, USAGE)),
        ("surrogate", ("half ?" + ANSWER, USAGE)),
    ],
)
async def test_only_text_is_taken(fault: str, heard: tuple[str, Usage | None], model: Connect) -> None:
    assert await hear(model(fault)) == heard


@pytest.mark.parametrize(
    ("fault", "expected", "retryable"),
    [
        ("status-400", BackendError, False),
        ("status-401", BackendError, False),
        ("status-403", BackendError, False),
        ("status-404", BackendError, False),
        ("status-408", TimedOut, True),
        ("status-429", Throttled, True),
        ("status-500", BackendError, True),
        ("status-502", BackendError, True),
        ("status-503", Throttled, True),
        ("redirect", BackendError, False),
        ("html", BackendError, False),
        ("packed", BackendError, False),
        ("hugeline", BackendError, False),
        ("deepjson", BackendError, False),
        ("badjson", BackendError, False),
        ("badutf8", BackendError, False),
        ("lateerror", BackendError, False),
        ("endless", BackendError, False),
        ("truncate", Unreachable, True),
        ("reset", Unreachable, True),
        ("drop", Unreachable, True),
        ("unreachable", Unreachable, True),
    ],
)
async def test_a_fault_is_one_of_our_errors_and_asked_once(
    fault: str, expected: type[BackendError], retryable: bool, model: Connect, server: ModelServer
) -> None:
    _, error = await fail(model(fault))
    assert isinstance(error, expected)
    assert isinstance(error, Throttled | TimedOut | Unreachable) is (expected is not BackendError)
    assert error.retryable is retryable
    assert "sk-" not in f"{error} {error.hint}"
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", sorted({*FAULTS, "drop"} - SILENT))
async def test_the_next_question_is_answered_whatever_the_last_one_met(
    name: str, model: Connect, server: ModelServer
) -> None:
    asked = model(name)
    with suppress(BackendError):
        await hear(asked)
    asked._model = "honest"
    assert (await hear(asked))[0] == ANSWER
    assert await run_sync(server.wait_idle)


async def test_text_before_a_fault_is_heard(model: Connect) -> None:
    assert (await fail(model("truncate")))[0] == "The first half"
    assert ANSWER.startswith((await fail(model("drop")))[0])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("86400", 120.0),
        ("inf", 120.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 120.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 99 Oct 99999 07:28:00 GMT", None),
        ("nan", None),
        ("soon", None),
    ],
)
async def test_when_to_come_back_is_read(header: str, seconds: float | None, model: Connect) -> None:
    _, error = await fail(model(f"status-429={header}"))
    assert isinstance(error, Throttled)
    assert error.retry_after == seconds


async def test_hints_name_what_to_set(model: Connect) -> None:
    assert "KB_MODEL_KEY" in (await fail(model("status-401")))[1].hint
    assert "'no-such'" in (await fail(model("no-such")))[1].hint
    assert "KB_MODEL_URL" in (await fail(model("redirect")))[1].hint


async def test_nobody_there_is_unreachable_and_the_address_is_named(model: Connect) -> None:
    with ModelServer() as gone:
        url = gone.url
    _, error = await fail(model("honest", url=url.replace("http://", "http://user:word@")))
    assert isinstance(error, Unreachable)
    assert url in str(error)
    assert "word" not in str(error)


async def test_a_server_without_tls_is_unreachable_by_https(model: Connect, server: ModelServer) -> None:
    _, error = await fail(model("honest", url=server.url.replace("http", "https")))
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize("name", ["hang", "stall", "slow", "drip=0.05"])
async def test_the_deadline_holds_for_the_whole_answer(
    name: str, model: Connect, server: ModelServer
) -> None:
    _, error = await fail(model(name, deadline=0.5))
    assert isinstance(error, TimedOut)
    assert await run_sync(server.wait_disconnect)


async def test_closing_the_stream_disconnects(model: Connect, server: ModelServer) -> None:
    async with aclosing(model("endless").stream(TURNS, max_tokens=10**6)) as stream:
        await anext(stream)
        assert server.open_requests == 1
    assert await run_sync(server.wait_disconnect)
    assert server.open_requests == 0


@pytest.mark.parametrize("name", ["hang", "stall", "slow", "endless"])
@pytest.mark.parametrize("how", ["task", "scope"])
async def test_who_is_cancelled_disconnects(name: str, how: str, model: Connect, server: ModelServer) -> None:
    listening = hear(model(name), max_tokens=10**6)
    await (_cancel_task if how == "task" else _cancel_scope)(listening, server)
    assert await run_sync(server.wait_disconnect)
    assert await run_sync(server.wait_idle)


async def _cancel_task(listening: Awaitable[object], server: ModelServer) -> None:
    task = asyncio.ensure_future(listening)
    assert await run_sync(server.wait_started)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _cancel_scope(listening: Awaitable[object], server: ModelServer) -> None:
    async def listen() -> None:
        await listening

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        assert await run_sync(server.wait_started)
        group.cancel_scope.cancel()


async def test_an_endless_answer_is_cut_at_the_allowance(model: Connect, server: ModelServer) -> None:
    heard, error = await fail(model("endless"), max_tokens=100)
    assert isinstance(error, BackendError)
    assert 100 < len(heard) <= 1600
    assert await run_sync(server.wait_disconnect)


async def test_a_huge_line_is_not_read_to_its_end(model: Connect, server: ModelServer) -> None:
    await fail(model("hugeline"))
    assert await run_sync(server.wait_disconnect)


async def test_questions_at_once_do_not_mix(model: Connect, server: ModelServer) -> None:
    drip, links = model("drip=0.001"), model("links")
    said = await asyncio.gather(*(hear(each) for each in (drip, links) * 10))
    assert {text for text, _ in said[::2]} == {ANSWER}
    assert len({text for text, _ in said[1::2]}) == 1


def test_a_model_serves_one_event_loop_after_the_other(server: ModelServer) -> None:
    asked = connect("honest", Settings(model_url=server.url))

    async def ask() -> str:
        said, _ = await hear(asked)
        await asked.close()
        return said

    assert [asyncio.run(ask()), asyncio.run(ask())] == [ANSWER, ANSWER]


async def test_closing_a_model_that_was_never_asked_is_fine(model: Connect) -> None:
    await model("honest").close()


async def test_the_server_answers_whole_and_lists_its_models(server: ModelServer) -> None:
    async with AsyncOpenAI(base_url=server.url, api_key="none") as client:
        messages = [{"role": turn.role, "content": turn.content} for turn in TURNS]
        answer = await client.chat.completions.create(model="honest", messages=messages)
        assert answer.choices[0].message.content == ANSWER
        listed = [each.id async for each in client.models.list()]
    assert {"honest", "hang"} <= set(listed)
