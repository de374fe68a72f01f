"""Embeddings and reranking on loopback, in OpenAI's, Cohere's and Jina's wire, honestly or with every fault.

    with EmbeddingServer() as server: ...        in a test; `server.url` is the root, `server.v1` the base URL
    python -m tests.servers.embedding 8091       by hand, on http://127.0.0.1:8091

Vectors are those of the embedder `hashing`, scores its cosines, so the same text always gets the same.
The request's `model` chooses what happens: `honest`, or one of `FAULTS`, which change an honest answer;
`status-NNN` answers with that status, `status-NNN=VALUE` with `Retry-After: VALUE`, and
`once-NNN=VALUE` does so once, before it is honest.
"""

import base64
import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from rag.embedders import hashing
from rag.settings import Settings

DIMENSIONS = hashing.DIMENSIONS
MAX_ROWS = 100
_EMBEDDER = hashing.connect("", Settings())

Items = list[dict[str, Any]]


class EmbeddingServer(ThreadingHTTPServer):
    """The service in threads of its own, on a port of its own, until the `with` block ends."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()  # what hangs ends with the server
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.v1 = f"{self.url}/v1"

    def count(self, model: str) -> int:
        """How often this model was asked for."""
        return sum(request["model"] == model for request in self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    server: EmbeddingServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        name, _, value = body["model"].partition("=")
        kind, _, status = name.partition("-")
        if name in ("drop", "hang", "half", "drip"):
            self._break_off(name)
        elif kind == "status" or (kind == "once" and self.server.count(body["model"]) == 1):
            self._send(int(status), b'{"error": "sk-secret said no"}', value)
        else:
            self._send(*_answer(self.path, name, body))

    def _break_off(self, how: str) -> None:
        self.close_connection = True
        if how == "hang":
            self.server.released.wait(30)
        elif how != "drop":
            self._head(200, 1000)
            self.wfile.write(b'{"data": [')
        if how == "drip":
            self._drip()

    def _drip(self) -> None:
        """A blank now and then, so that no wait between two bytes is long."""
        with suppress(ConnectionError):
            while not self.server.released.wait(0.02):
                self.wfile.write(b" ")
                self.wfile.flush()

    def _send(self, status: int, body: bytes, retry_after: str = "") -> None:
        self._head(status, len(body), retry_after)
        self.wfile.write(body)

    def _head(self, status: int, length: int, retry_after: str = "") -> None:
        self.send_response(status)
        self.send_header("content-length", str(length))
        if retry_after:
            self.send_header("retry-after", retry_after)
        if 300 <= status < 400:
            self.send_header("location", f"{self.server.url}/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


def _answer(path: str, name: str, body: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body of an answer that is sent whole."""
    if name == "html":
        return 200, b"<html>Sign in</html>"
    if path == "/v1/embeddings":
        key, items = "data", _embeddings(body)
    elif path in ("/v2/rerank", "/v1/rerank"):
        key, items = "results", _results(body)
    else:
        return 404, b"{}"
    if any(not text for text in body.get("input", [])) or len(body.get("input", [])) > MAX_ROWS:
        return 400, b"{}"
    answer: Any = {"model": name, key: FAULTS[name](items) if name in FAULTS else items}
    return 200, json.dumps([] if name == "list" else answer).encode()


def _embeddings(body: dict[str, Any]) -> Items:
    size = body.get("dimensions", DIMENSIONS)
    rows = _EMBEDDER.passages(body["input"]).astype("<f4")[:, :size] * 3  # not of unit length
    rows[~rows.any(axis=1), 0] = 1  # services find something in every text
    is_packed = body["encoding_format"] == "base64" or body["model"] == "packed"
    return [
        {"index": n, "embedding": base64.b64encode(row.tobytes()).decode() if is_packed else row.tolist()}
        for n, row in enumerate(rows)
    ]


def _results(body: dict[str, Any]) -> Items:
    """Best first, as services send them."""
    cosines = _EMBEDDER.passages(body["documents"]).astype("f4") @ _EMBEDDER.query(body["query"])
    order = sorted(range(len(cosines)), key=lambda n: -cosines[n])
    return [{"index": n, "relevance_score": float(cosines[n])} for n in order[: body["top_n"]]]


def _each(**values: object) -> Callable[[Items], Items]:
    return lambda items: [{**item, **values} for item in items]


def _last(**values: object) -> Callable[[Items], Items]:
    return lambda items: [*items[:-1], {**items[-1], **values}]


def _scored(value: object) -> Callable[[Items], Items]:
    """The last item with another vector or score."""
    return lambda items: _last(**{next(k for k in items[-1] if k != "index"): value})(items)


FAULTS: dict[str, Callable[[Items], Items]] = {
    "backwards": lambda items: items[::-1],
    "unnumbered": lambda items: [{k: v for k, v in item.items() if k != "index"} for item in items],
    "short": lambda items: items[:-1],
    "long": lambda items: [*items, items[-1]],
    "empty": lambda items: [],
    "strings": lambda items: ["no"] * len(items),  # type: ignore[list-item]
    "twice": _each(index=0),
    "outside": _last(index=99),
    "index-true": _last(index=True),
    "index-text": _last(index="0"),
    "text": _scored("no base64!"),
    "null": _scored(None),
    "nested": _scored([[1.0]]),
    "narrow": _scored([1.0, 2.0]),
    "nan": _scored([float("nan")] * DIMENSIONS),
    "endless": _scored([float("inf")] * DIMENSIONS),
    "nought": _scored([0.0] * DIMENSIONS),
    "score-nan": _scored(float("nan")),
    "score-true": _scored(True),
}


if __name__ == "__main__":
    EmbeddingServer(int(sys.argv[1]) if len(sys.argv) > 1 else 8091).serve_forever()
