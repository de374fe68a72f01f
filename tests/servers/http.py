"""A web server on loopback whose pages, validators and faults a test decides; it counts what is asked."""

import gzip
import threading
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Page:
    """What is at a path. `fault` is one of: cut, endless, drip, long (a length that is not kept)."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validators: str = "both"  # both, etag, date, none
    changed: float = 1_700_000_000.0
    packed: bool = False
    fault: str = ""
    failures: list[int] = field(default_factory=list)  # statuses to give first, one a request

    @property
    def etag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:16]}"'


class WebServer:
    """`pages` by path; `asked` counts (path, status), `hits` connections."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: Counter[tuple[str, int]] = Counter()
        self.agents: set[str] = set()
        self.hits = 0
        outer = self

        class Handler(_Handler):
            server_owner = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def host(self) -> str:
        """What a wall must be told to let it through."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def page(self, path: str, body: str | bytes, **more: object) -> Page:
        """Put a page there."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(data, **more)  # type: ignore[arg-type]
        return self.pages[path]

    def count(self, status: int | None = None) -> int:
        """Answers given since the last `forget`; of one status, or all."""
        return sum(n for (_, got), n in self.asked.items() if status in (None, got))

    def forget(self) -> None:
        self.asked.clear()

    def __enter__(self) -> "WebServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_owner: WebServer

    def setup(self) -> None:
        self.server_owner.hits += 1
        super().setup()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        owner = self.server_owner
        owner.agents.add(self.headers.get("user-agent", ""))
        page = owner.pages.get(self.path)
        if page is None:
            self._send(404, b"no such page", {})
        elif page.failures:
            self._send(page.failures.pop(0), b"", {"retry-after": "0"})
        elif self._has(page):
            self._send(304, b"", {})
        elif page.fault:
            self._fault(page)
        else:
            body = gzip.compress(page.body) if page.packed else page.body
            self._send(page.status, body, self._headers(page))

    def _has(self, page: Page) -> bool:
        if (tag := self.headers.get("if-none-match")) is not None:
            return page.validators in ("both", "etag") and tag == page.etag
        since = self.headers.get("if-modified-since")
        return page.validators in ("both", "date") and since == formatdate(page.changed, usegmt=True)

    def _headers(self, page: Page) -> dict[str, str]:
        found = {"content-type": page.kind, **page.headers}
        if page.validators in ("both", "etag"):
            found["etag"] = page.etag
        if page.validators in ("both", "date"):
            found["last-modified"] = formatdate(page.changed, usegmt=True)
        if page.packed:
            found["content-encoding"] = "gzip"
        return found

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.server_owner.asked[self.path, status] += 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def _fault(self, page: Page) -> None:
        self.server_owner.asked[self.path, page.status] += 1
        length = {"cut": len(page.body), "long": len(page.body) + 10, "drip": 1_000}.get(page.fault, 1 << 40)
        self.send_response(page.status)
        self.send_header("content-type", page.kind)
        self.send_header("content-length", str(length))
        self.end_headers()
        self.close_connection = True
        try:
            if page.fault == "cut":
                self.wfile.write(page.body[: len(page.body) // 2])
            elif page.fault == "long":
                self.wfile.write(page.body)
            elif page.fault == "drip":
                while True:
                    self.wfile.write(b"x")
                    self.connection.settimeout(0.02)
                    self._wait()
            else:
                while True:
                    self.wfile.write(b"endless " * 8192)
        except OSError:
            pass

    def _wait(self) -> None:
        try:
            if not self.connection.recv(1):
                raise ConnectionError
        except TimeoutError:
            self.connection.settimeout(5)
