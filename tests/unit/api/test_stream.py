import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from api import stream
from api.stream import EventStream
from rag.errors import BadInput
from rag.types import Answer, Piece

pytestmark = pytest.mark.anyio
ANSWER = Answer("Two words.", (), "answered")
SCOPE: dict[str, Any] = {"type": "http", "path": "/v1/ask", "state": {"request_id": "r1"}}


class Wire:
    """What a client has received; it leaves when `left` is set."""

    def __init__(self) -> None:
        self.received, self.left, self.beaten = b"", asyncio.Event(), asyncio.Event()
        self.ended = False

    async def send(self, message: Any) -> None:
        self.received += message.get("body", b"")
        if self.received.count(b": still here\n\n") == 2:
            self.beaten.set()
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    def events(self) -> list[tuple[str, Any]]:
        blocks = [block for block in self.received.decode().split("\n\n") if block and block[0] != ":"]
        fields = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
        return [(one["event"], json.loads(one["data"])) for one in fields]

    async def serve(self, items: AsyncGenerator[Piece | Answer]) -> None:
        await EventStream(items)(SCOPE, self.receive, self.send)


async def test_pieces_then_the_answer_then_the_end() -> None:
    async def items() -> AsyncGenerator[Piece | Answer]:
        yield Piece("Two ")
        yield Piece("words.")
        yield ANSWER

    wire = Wire()
    await wire.serve(items())
    events = wire.events()
    assert [name for name, _ in events] == ["piece", "piece", "answer"]
    assert events[-1][1]["text"] == "Two words."
    assert wire.ended


async def test_an_error_on_the_way_is_the_last_event() -> None:
    async def items() -> AsyncGenerator[Piece | Answer]:
        yield Piece("Two ")
        raise BadInput("no", hint="yes")

    wire = Wire()
    await wire.serve(items())
    name, problem = wire.events()[-1]
    assert (name, problem["detail"], problem["hint"], problem["status"]) == ("error", "no", "yes", 400)
    assert problem["request_id"] == "r1"
    assert wire.ended


async def test_an_error_nobody_meant_says_nothing_of_our_inside() -> None:
    async def items() -> AsyncGenerator[Piece | Answer]:
        yield Piece("Two ")
        raise ZeroDivisionError("secret inside")

    wire = Wire()
    await wire.serve(items())
    assert wire.events()[-1][1]["code"] == "bug"
    assert b"secret" not in wire.received


@pytest.mark.parametrize("first", [True, False])
async def test_when_the_client_leaves_the_source_is_closed_even_before_its_first_piece(first: bool) -> None:
    closed = asyncio.Event()
    waits = asyncio.Event()

    async def items() -> AsyncGenerator[Piece | Answer]:
        try:
            if not first:
                yield Piece("Two ")
            waits.set()
            await asyncio.Event().wait()
            yield ANSWER
        finally:
            closed.set()

    wire = Wire()
    serving = asyncio.create_task(wire.serve(items()))
    await waits.wait()
    wire.left.set()
    await serving
    assert closed.is_set()


async def test_while_nothing_comes_the_line_is_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.001)
    wire = Wire()

    async def items() -> AsyncGenerator[Piece | Answer]:
        await wire.beaten.wait()
        yield ANSWER

    await wire.serve(items())
    assert [name for name, _ in wire.events()] == ["answer"]


async def test_a_client_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STALL_SECONDS", 0.001)
    closed = asyncio.Event()

    async def items() -> AsyncGenerator[Piece | Answer]:
        try:
            while True:
                yield Piece("more ")
        finally:
            closed.set()

    class Stuck(Wire):
        async def send(self, message: Any) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

    await Stuck().serve(items())
    assert closed.is_set()
