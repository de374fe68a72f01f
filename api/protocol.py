"""uvicorn's HTTP protocol with two bounds it lacks: a request's head must come in time, and be small.

Without them one byte every two seconds holds a connection for ever, and an endless header fills
the memory. What cannot be read as HTTP is answered with a problem, like every other error.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.encode import problem_of, to_json

HEAD_SECONDS = 15.0
_MOST_HEAD = 64_000
_PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class Bounded(HttpToolsProtocol):
    """Closes connections that send their request's head too slowly or without end."""

    _late: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._late is None:
            return
        self._head += len(data)
        if self._head > _MOST_HEAD:
            self._refuse(431, "headers-too-large", "the head of the request is too large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "not-http", "this is no HTTP request")

    def _unsupported_upgrade_warning(self) -> None:
        """Not worth a line in the log: the request is answered as any other."""

    def _await_head(self) -> None:
        self._head_came()
        self._late = self.loop.call_later(
            HEAD_SECONDS, self._refuse, 408, "too-slow", "the request did not come in time"
        )

    def _head_came(self) -> None:
        self._head = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self._head_came()
        if self.transport is None or self.transport.is_closing():
            return
        body = to_json(problem_of(status, code, detail) | {"instance": "", "request_id": ""})
        head = [
            b"HTTP/1.1 %d %s" % (status, _PHRASES[status]),
            b"content-type: application/problem+json",
            b"content-length: %d" % len(body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()
