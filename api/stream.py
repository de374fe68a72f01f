"""Server-sent events: an answer as it is written. It always ends with `answer` or `error`."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import encode, errors
from api.gone import Gone, unless_gone
from rag.errors import KBError
from rag.types import Answer, Piece

_log = logging.getLogger("kb.http")
HEARTBEAT_SECONDS = 15.0
STALL_SECONDS = 30.0  # a client that takes nothing for so long is let go
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

_LAST = ("answer", "error")

Items = AsyncGenerator[Piece | Answer]
Event = tuple[str, dict[str, Any]]


class EventStream(Response):
    """Sends pieces, then the answer. When the client leaves, the source is closed at once.

    The first piece is awaited in here, beside the watch for the client's departure.
    """

    media_type = "text/event-stream"

    def __init__(self, items: Items) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self.items = items

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            await unless_gone(receive, self._send_all(scope, send))
        except Gone:
            return
        except TimeoutError:
            _log.info("%s: the client takes nothing", scope["path"])
            return
        await send({"type": "http.response.body", "body": b""})

    async def _send_all(self, scope: Scope, send: Send) -> None:
        events, queue = _Events(send), asyncio.Queue[Event](maxsize=8)
        # One task for the whole source: time limits within it belong to the task that set them.
        source = asyncio.create_task(self._fill(queue, scope))
        try:
            name = ""
            while name not in _LAST:
                name, data = await _next(queue, events)
                await events.send(name, data)
        finally:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)

    async def _fill(self, queue: asyncio.Queue[Event], scope: Scope) -> None:
        try:
            async with aclosing(self.items):
                async for item in self.items:
                    if isinstance(item, Answer):
                        await queue.put(("answer", encode.answer(item)))
                        return
                    await queue.put(("piece", {"text": item.text}))
            raise AssertionError("a stream ends with an answer")
        except KBError as error:
            await queue.put(("error", errors.body(error, scope)))
        # The client must hear of any end; the log says what it was.
        except Exception:  # noqa: BLE001
            _log.exception("%s failed while it streamed", scope["path"])
            await queue.put(("error", errors.unexpected_body(scope)))


async def _next(queue: asyncio.Queue[Event], events: "_Events") -> Event:
    """The next event; a comment goes out whenever it takes long."""
    while queue.empty():
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await queue.get()
        except TimeoutError:
            await events.beat()
    return queue.get_nowait()


class _Events:
    """Numbers and frames events."""

    def __init__(self, send: Send) -> None:
        self._send, self._number = send, 0

    async def send(self, name: str, data: object) -> None:
        self._number += 1
        head = f"id: {self._number}\nevent: {name}\ndata: ".encode()
        await self._out(head + encode.to_json(data) + b"\n\n")

    async def beat(self) -> None:
        await self._out(b": still here\n\n")

    async def _out(self, body: bytes) -> None:
        async with asyncio.timeout(STALL_SECONDS):
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
