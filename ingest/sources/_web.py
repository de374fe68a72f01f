"""The HTTP client of sources: behind the wall, bounded in bytes and time, polite.

Proxies of the environment are not used. Redirects are followed within the host only, and each is
checked like a first request. What is sent packed is counted as it unpacks.
"""

import random
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from ingest.outbound import Refused, Wall
from ingest.sources._url import joined
from rag.errors import BackendError, BadInput, Throttled, TimedOut, Unreachable, UnreadableFile
from rag.remote import ServiceFailed, retry_after

if TYPE_CHECKING:
    import httpcore2

AGENT = "kb"
TRIES = 3
MOST_REDIRECTS = 5
MOST_WAIT = 30.0
_CONNECT, _READ, _WHOLE = 10.0, 30.0, 300.0  # seconds
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer below 500. Header names are in lower case; `url` is where redirects ended."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Web:
    """Requests with the same headers, one at a time. `pause` waits for so many seconds."""

    def __init__(
        self,
        wall: Wall,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 64 << 20,
        ca: str = "",
        seconds: float = _WHOLE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._headers = {"user-agent": AGENT, "accept-encoding": "gzip", **(headers or {})}
        self._max_bytes, self._seconds, self._pause = max_bytes, seconds, pause
        self._ssl = trusting(ca)
        self._wall = wall
        self._pool: httpcore2.ConnectionPool | None = None
        self._clock = _Clock()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer with its body. Errors are those of `request`."""
        return self.request("GET", url, headers)

    def save(self, url: str, path: Path, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer, its body written to `path`, which is removed again when that fails."""
        try:
            with path.open("wb") as file:
                return self.request("GET", url, headers, into=file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        into: BinaryIO | None = None,
    ) -> Reply:
        """Ask, and again after a while when the service is busy, broken or cut off.

        `BackendError` when it stays so, `Refused` by the wall, `UnreadableFile` for too many bytes.
        """
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._followed(method, url, {**self._headers, **(headers or {})}, body, into)
            except BackendError as error:
                if not left or not getattr(error, "retryable", False):
                    raise
                self._pause(_wait(error, TRIES - left))
        raise AssertionError

    def close(self) -> None:
        """Let go of connections."""
        if self._pool is not None:
            self._pool.close()

    def _followed(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, into: BinaryIO | None
    ) -> Reply:
        self._clock.start(self._seconds)
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._once(method, url, headers, body, into)
            if reply.status not in _REDIRECTS:
                return reply
            url = _next(url, reply.headers.get("location", ""))
        raise BackendError(f"{urlsplit(url).netloc} redirects more than {MOST_REDIRECTS} times")

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, into: BinaryIO | None
    ) -> Reply:
        sink = into or BytesIO()
        sink.seek(0)
        sink.truncate()
        with _told(url):
            opened = self._opened().stream(
                method, url, headers=list(headers.items()), content=body, extensions=_TIMES
            )
            with opened as response:
                found = _headers(response.headers)
                _check(response.status, found, url)
                self._keep(_unpacked(response.iter_stream(), found.get("content-encoding", "")), sink)
        content = sink.getvalue() if isinstance(sink, BytesIO) else b""
        return Reply(response.status, found, content, url)

    def _keep(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        size = 0
        for part in parts:
            size += len(part)
            if size > self._max_bytes:
                raise UnreadableFile(
                    f"larger than {self._max_bytes >> 20} MB", state="too large", hint="raise KB_MAX_FILE_MB"
                )
            self._clock.left()
            sink.write(part)

    def _opened(self) -> "httpcore2.ConnectionPool":
        if self._pool is None:
            import httpcore2

            from ingest.sources._backend import Backend

            backend = Backend(self._wall, self._clock.left)
            self._pool = httpcore2.ConnectionPool(
                ssl_context=self._ssl, max_connections=4, network_backend=backend
            )
        return self._pool


class _Clock:
    """Seconds left of a request, over all its reads and redirects: a slow drip ends too."""

    def __init__(self) -> None:
        self._until = 0.0

    def start(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


_TIMES = {"timeout": {"connect": _CONNECT, "read": _READ, "write": _READ, "pool": _READ}}


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Errors of the HTTP library as ours; nothing that the other side says is in them."""
    import httpcore2

    host = urlsplit(url).netloc
    try:
        yield
    except (httpcore2.TimeoutException, TimeoutError) as error:
        raise TimedOut(f"{host} did not answer in time", hint="try again later") from error
    except httpcore2.ProtocolError as error:
        raise ServiceFailed(f"{host} broke off, or speaks no HTTP", hint="try again later") from error
    except (httpcore2.NetworkError, OSError) as error:
        raise Unreachable(f"no connection to {host}", hint="is it up?") from error
    except zlib.error as error:
        raise ServiceFailed(f"{host} sends what cannot be unpacked", hint="try again later") from error


def _check(status: int, headers: Mapping[str, str], url: str) -> None:
    said = f"{urlsplit(url).netloc} answered {status}"
    if status in (429, 503):
        wait = retry_after(headers.get("retry-after", ""))
        raise Throttled(said, hint="try again later", retry_after=wait)
    if status >= 500:
        raise ServiceFailed(said, hint="try again later")


def _headers(raw: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _next(url: str, location: str) -> str:
    """Where a redirect leads: the same host, never from https to http."""
    target = joined(url, location)
    old, new = urlsplit(url), urlsplit(target or "")
    if not target or old.hostname != new.hostname:
        raise Refused(f"{old.netloc} redirects to another host", hint="use the final address")
    is_upgrade = (old.scheme, new.scheme) == ("http", "https")
    if (old.scheme, old.port) != (new.scheme, new.port) and not is_upgrade:
        raise Refused(f"{old.netloc} redirects to another service of its host", hint="use the final address")
    return target


def _unpacked(parts: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The body in steps of at most 64 kB, whatever it unpacks to."""
    if encoding.strip().lower() in ("", "identity"):
        yield from parts
        return
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise BackendError("an answer is packed in a way that was not asked for")
    unpack = zlib.decompressobj(wbits=31)
    for part in parts:
        while part and not unpack.eof:
            yield unpack.decompress(part, _STEP)
            part = unpack.unconsumed_tail
    if not unpack.eof:
        raise zlib.error("cut off")


def _wait(error: BackendError, tried: int) -> float:
    asked = getattr(error, "retry_after", None)
    backoff = float(2**tried) * random.uniform(0.5, 1.0)  # noqa: S311  # spreads clients, hides nothing
    return min(asked if asked is not None else backoff, MOST_WAIT)


def trusting(ca: str) -> ssl.SSLContext | None:
    if not ca:
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"the certificates in {ca} cannot be read", hint="a PEM file was expected") from error
