"""A model service on loopback that speaks chat completions, honestly or with every fault.

    with ModelServer() as server: ...                in a test; `server.url` is the base URL
    python -m tests.servers.model 8090               by hand: KB_MODEL_URL=http://127.0.0.1:8090/v1

The request's `model` chooses what happens: one of `FAULTS`, or a behaviour of `scripted:NAME`.
`status-NNN` answers with that status, `status-NNN=VALUE` with `Retry-After: VALUE` too.
"""

import asyncio
import json
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from rag.models import Turn
from rag.models._behaviour import BEHAVIOURS, Fault, play

_WAIT = 30.0
_STREAM = "text/event-stream; charset=utf-8"


@dataclass
class Served:
    """One request and what became of it. Times are `time.monotonic()`."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    started: float = field(default_factory=time.monotonic)
    sent: int = 0
    ended: float | None = None
    disconnected: float | None = None  # the client left before the end

    @property
    def model(self) -> str:
        return str(self.body.get("model") or "honest")

    @property
    def turns(self) -> list[Turn]:
        return [Turn(m["role"], m["content"]) for m in self.body.get("messages", [])]


class ModelServer:
    """The service in a thread of its own, on a port of its own, until the `with` block ends."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[Served] = []
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL, for KB_MODEL_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def open_requests(self) -> int:
        """Requests that are being answered now."""
        return sum(served.ended is None for served in self.requests)

    @property
    def disconnects(self) -> int:
        """Requests that the client left before their end."""
        return sum(served.disconnected is not None for served in self.requests)

    def wait_until(self, holds: Callable[[], bool], timeout: float = _WAIT) -> bool:
        """True once `holds()`; looked at whenever a request starts, sends or ends.

        It blocks: in async code run it in a thread, or the client that it waits for stands still.
        """
        with self._changed:
            return self._changed.wait_for(holds, timeout)

    def wait_started(self, timeout: float = _WAIT, *, count: int = 1) -> bool:
        return self.wait_until(lambda: len(self.requests) >= count, timeout)

    def wait_disconnect(self, timeout: float = _WAIT, *, count: int = 1) -> bool:
        """True once the client has left `count` requests before their end."""
        return self.wait_until(lambda: self.disconnects >= count, timeout)

    def wait_idle(self, timeout: float = _WAIT) -> bool:
        return self.wait_until(lambda: self.open_requests == 0, timeout)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_WAIT):
            raise RuntimeError("the model server does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(_WAIT)

    async def _run(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._connection(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            early = b""
            while not writer.is_closing():
                served = await _read(reader, early)
                self._note(lambda served=served: self.requests.append(served))
                early = await self._answer(served, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has what it wanted, or went
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, served: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        """Answers while it watches for the client's end; what it reads of a next request is returned."""
        reply = Reply(served, writer, self._note)
        answering = asyncio.ensure_future(respond(served, reply))
        watching = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
            left = not answering.done() or isinstance(answering.exception(), ConnectionError)
        finally:
            answering.cancel()
            watching.cancel()
            done = await asyncio.gather(answering, watching, return_exceptions=True)
            self._note(lambda: setattr(served, "ended", time.monotonic()))
        if left:
            self._note(lambda: setattr(served, "disconnected", time.monotonic()))
            writer.close()
        elif isinstance(done[0], Exception):
            raise done[0]
        return done[1] if isinstance(done[1], bytes) else b""

    def _note(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()


class Reply:
    """The bytes of one response, chunked, and the ways to break it."""

    def __init__(
        self, served: Served, writer: asyncio.StreamWriter, note: Callable[[Callable[[], None]], None]
    ) -> None:
        self._served, self._writer, self._note = served, writer, note

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        self._note(lambda: setattr(self._served, "sent", self._served.sent + len(data)))

    async def whole(self, status: int, body: bytes, **headers: str) -> None:
        """A response with a length."""
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
        headers = {"content_type": "application/json", **headers}
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode() + body)

    async def begin(self) -> None:
        """The head of an event stream."""
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {_STREAM}\r\ntransfer-encoding: chunked\r\n\r\n"
        await self.send(head.encode())

    async def line(self, data: bytes) -> None:
        """One event."""
        data = b"data: " + data + b"\n\n"
        await self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def chunk(self, delta: object, *, finish: str | None = None, **more: object) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
        await self.line(json.dumps({**chunk, "model": self._served.model, **more}).encode())

    async def finish(self, *, reason: str | None = "stop", usage: bool = True, done: bool = True) -> None:
        if reason:
            await self.chunk({}, finish=reason)
        if usage:
            await self.chunk({}, choices=[], usage=_USAGE)
        if done:
            await self.line(b"[DONE]")
        await self.send(b"0\r\n\r\n")

    def drop(self) -> None:
        """The connection ends in the middle of the response."""
        self._writer.close()

    def reset(self) -> None:
        """The connection is reset (RST)."""
        plain = self._writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


_USAGE = {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}


async def _read(reader: asyncio.StreamReader, early: bytes) -> Served:
    """The next request; whoever speaks something else, such as TLS, is hung up on."""
    early = early or await reader.readexactly(1)
    if not early.isalpha():
        raise ConnectionAbortedError
    head = (early + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Served(first.split(" ")[1], headers, json.loads(body or b"{}"))


async def respond(served: Served, reply: Reply) -> None:
    """The whole response to one request."""
    name, _, value = served.model.partition("=")
    if served.path.endswith("/models"):
        models = [{"id": model, "object": "model"} for model in (*BEHAVIOURS, *FAULTS)]
        await reply.whole(200, json.dumps({"object": "list", "data": models}).encode())
    elif name.startswith("status-"):
        await _status(reply, int(name.removeprefix("status-")), value)
    elif name in FAULTS:
        await FAULTS[name](served, reply)
    elif name not in BEHAVIOURS:
        await _status(reply, 404, "")
    elif served.body.get("stream"):
        await _stream(served, reply)
    else:
        await _complete(served, reply)


def _answers(status: int, retry_after: str = "") -> Callable[[Served, Reply], Awaitable[None]]:
    return lambda served, reply: _status(reply, status, retry_after)


async def _status(reply: Reply, status: int, retry_after: str) -> None:
    error = {"message": "sk-secret said <b>no</b>", "type": "scripted", "code": f"scripted_{status}"}
    headers = {"retry_after": retry_after} if retry_after else {}
    await reply.whole(status, json.dumps({"error": error}).encode(), **headers)


async def _said(behaviour: str, turns: list[Turn]) -> AsyncIterator[str]:
    """A behaviour's text in its time; `ConnectionAbortedError` where it drops the line."""
    for step in play(behaviour, turns):
        if isinstance(step, Fault):
            raise ConnectionAbortedError
        await asyncio.sleep(step.delay)
        if step.text:
            yield step.text


async def _stream(served: Served, reply: Reply) -> None:
    await reply.begin()
    try:
        async for text in _said(served.model, served.turns):
            await reply.chunk({"content": text})
        await reply.finish()
    except ConnectionAbortedError:
        reply.drop()


async def _complete(served: Served, reply: Reply) -> None:
    """The whole answer at once; one that does not end is cut at the tokens that were asked for."""
    text = ""
    try:
        async for more in _said(served.model, served.turns):
            text += more
            if len(text) > served.body.get("max_tokens", 1000) * 4:
                break
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "choices": [choice]}
        await reply.whole(200, json.dumps({**answer, "model": served.model, "usage": _USAGE}).encode())
    except ConnectionAbortedError:
        reply.drop()


def _script(*events: object, cut: bool = False, **ending: Any) -> Callable[[Served, Reply], Awaitable[None]]:
    """A fault that is a list of events: bytes as they are, a dict as a delta, None for the honest answer."""

    async def play_events(served: Served, reply: Reply) -> None:
        await reply.begin()
        for event in events:
            if isinstance(event, bytes):
                await reply.line(event)
            elif event is not None:
                await reply.chunk(event)
            else:
                async for text in _said("honest", served.turns):
                    await reply.chunk({"content": text})
        if cut:
            await reply.send(b"0\r\n\r\n")
        else:
            await reply.finish(**ending)

    return play_events


async def _reset(served: Served, reply: Reply) -> None:
    await reply.begin()
    await reply.chunk({"content": "The first half"})
    reply.reset()


async def _hang(served: Served, reply: Reply) -> None:
    await asyncio.Event().wait()


async def _gone(served: Served, reply: Reply) -> None:
    reply.drop()


async def _redirect(served: Served, reply: Reply) -> None:
    await reply.whole(302, b"", location="/v1/elsewhere")


async def _html(served: Served, reply: Reply) -> None:
    await reply.whole(200, b"<html>Please sign in</html>", content_type="text/html")


async def _packed(served: Served, reply: Reply) -> None:
    bomb = zlib.compressobj(wbits=31)
    body = bomb.compress(bytes(50_000_000)) + bomb.flush()
    await reply.whole(200, body, content_type=_STREAM, content_encoding="gzip")


_CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "rm", "arguments": '{"a":1}'}}
_WRONG = [5, [], "text", None, {"choices": 3}, {"choices": [7, None, {}]}, {"choices": [{"delta": "x"}]}]
_WRONG += [{"choices": [{"delta": {"content": wrong}}]} for wrong in (5, ["a"], {"text": "b"}, True)]
_WRONG += [
    {"choices": [], "usage": wrong} for wrong in (3, {"prompt_tokens": "many", "completion_tokens": -1})
]

FAULTS: dict[str, Callable[[Served, Reply], Awaitable[None]]] = {
    "throttled": _answers(429, "1"),
    "timeout": _answers(408),
    "broken": _answers(500),
    "unreachable": _gone,
    "reset": _reset,
    "hang": _hang,
    "redirect": _redirect,
    "html": _html,
    "packed": _packed,
    "truncate": _script({"content": "The first half"}, cut=True),
    "badjson": _script({"content": "The first half"}, b'{"choices": [{"delta": {"content": '),
    "deepjson": _script(b"[" * 100_000),
    "badutf8": _script({"content": "The first half"}, b'{"choices": "\xff\xfe"}'),
    "wrongtypes": _script(*(json.dumps(wrong).encode() for wrong in _WRONG), None, usage=False),
    "hugeline": _script(b" " * 10_000_000 + b"{}"),
    "toolcall": _script({"tool_calls": [_CALL]}, reason="tool_calls"),
    "reasoning": _script({"reasoning_content": "hidden thought"}, {"refusal": "hidden refusal"}, None),
    "nochoices": _script(b'{"choices": []}', b"{}", reason=None),
    "lateerror": _script({"content": "The first half"}, b'{"error": {"message": "no", "code": "late"}}'),
    "surrogate": _script({"content": "half \ud83d"}, None),
    "nodone": _script(None, done=False),
    "nousage": _script(None, usage=False),
}


if __name__ == "__main__":
    with ModelServer(int(sys.argv[1]) if sys.argv[1:] else 0) as running:
        sys.stdout.write(f"KB_MODEL_URL={running.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
