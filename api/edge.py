"""The outermost layer: names each request, bounds its head, answers for what nobody caught.

Plain ASGI: a middleware that buffers or wraps bodies would slow streams and hide departures.
"""

import ipaddress
import logging
import re
import uuid
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors

_log = logging.getLogger("kb.http")
_MOST_HEADERS = 100
_MOST_HEAD = 32_000  # bytes of all header names and values
_MOST_TARGET = 8_000  # bytes of path and query
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Wraps the app. `keyless` serves only requests addressed to this machine by a loopback name."""

    def __init__(self, app: ASGIApp, *, keyless: bool) -> None:
        self.app, self.keyless = app, keyless

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = _Head(scope)
        scope.setdefault("state", {})["request_id"] = head.name.decode()
        extra = ((b"x-request-id", head.name), (b"x-content-type-options", b"nosniff"))
        started = False

        async def named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        try:
            await (self._refused(scope, head) or self.app)(scope, receive, named)
        # The last stop: whatever it is, the client gets a problem and the log the rest.
        except Exception:  # noqa: BLE001
            _log.exception("%s %s failed", scope["path"], head.name.decode())
            if not started:
                await errors.unexpected(scope)(scope, receive, named)

    def _refused(self, scope: Scope, head: "_Head") -> ASGIApp | None:
        if len(scope["path"]) + len(scope["query_string"]) > _MOST_TARGET:
            return errors.refusal(scope, 414, "target-too-long", "the path and query are too long")
        if len(scope["headers"]) > _MOST_HEADERS or head.size > _MOST_HEAD:
            return errors.refusal(scope, 431, "headers-too-large", "there are too many headers")
        # A stranger's web page can give its own name the address 127.0.0.1 and then speak to a
        # server here as if it were its own; the name that it uses tells.
        if self.keyless and head.host and not is_loopback(_hostname(head.host)):
            hint = "use 127.0.0.1 or localhost, or set KB_KEYS"
            return errors.refusal(scope, 421, "wrong-host", "without keys only this machine is served", hint)
        return None


class _Head:
    """What is needed of the headers, read in one pass."""

    __slots__ = ("host", "name", "size")

    def __init__(self, scope: Scope) -> None:
        self.host, self.name, self.size = "", b"", 0
        for key, value in scope["headers"]:
            self.size += len(key) + len(value)
            if key == b"host":
                self.host = value.decode("latin-1")
            elif key == b"x-request-id" and _SANE_ID.fullmatch(value):
                self.name = bytes(value)
        self.name = self.name or uuid.uuid4().hex.encode()


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses; other names are not looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hostname(host: str) -> str:
    """The Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host
