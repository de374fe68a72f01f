"""Any service that speaks OpenAI's embeddings: OpenAI, ollama, llama.cpp, vLLM, DashScope, Zhipu ...

`KB_EMBEDDER=openai:text-embedding-3-small`, and of any other model its dimensions too:
`openai:nomic-embed-text?dimensions=768&url=http://127.0.0.1:11434/v1`. Without `url` it is the service
of KB_MODEL_URL, or OpenAI.
"""

import os
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from rag.embedders._answer import read
from rag.embedders._rows import without_blank
from rag.errors import BackendError, ConfigError, Throttled, TimedOut
from rag.remote import CONNECT_SECONDS, MAX_BYTES, Service, options
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx2

OPENAI_URL = "https://api.openai.com/v1"
MAX_CHARACTERS = 6_000  # of a text; services take 8,192 tokens, and one of Chinese may be one character
BATCH_CHARACTERS = 60_000
BATCH_ROWS = 64  # OpenAI takes more, others no more than this; `rows=10` for DashScope
FIRST_PAUSE, MAX_PAUSE = 0.5, 8.0
SIZES = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
    "text-embedding-v3": 1024,
    "text-embedding-v4": 1024,
    "embedding-3": 2048,
}
_FIXED = ("text-embedding-ada-002",)  # of those, the ones that cannot be shortened


class Embeddings:
    """Safe to share between threads. A failure that may pass is tried again, within the deadline."""

    remote = True  # it needs a key, and waits: nothing for a worker process

    def __init__(self, model: str, service: Service, *, dimensions: int, rows: int, deadline: float) -> None:
        self.id = f"openai-{model}-{dimensions}"
        self.dimensions = dimensions
        self._model = model
        self._service = service
        self._rows = rows
        self._deadline = deadline

    def passages(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """One row a text, unit length (zero for a blank text). Each request has the deadline anew."""
        return without_blank(texts, self.dimensions, self._embed).astype(np.float16)

    def query(self, text: str) -> NDArray[np.float32]:
        """One unit vector."""
        vector: NDArray[np.float32] = without_blank([text], self.dimensions, self._embed)[0]
        return vector

    def _embed(self, texts: list[str]) -> NDArray[Any]:
        return np.concatenate([self._patiently(batch) for batch in batches(texts, self._rows)])

    def _patiently(self, texts: list[str]) -> NDArray[np.float32]:
        until, pause = time.monotonic() + self._deadline, FIRST_PAUSE
        while True:
            try:
                answer = self._ask(texts, until)
                return read(answer, len(texts), self.dimensions)
            except BackendError as error:
                wait = error.retry_after if isinstance(error, Throttled) else None
                wait = pause if wait is None else wait
                if not error.retryable or time.monotonic() + wait >= until:
                    raise
            time.sleep(wait)
            pause = min(2 * pause, MAX_PAUSE)

    def _ask(self, texts: list[str], until: float) -> object:
        """One request; every error is one of ours."""
        import httpx2

        left = max(until - time.monotonic(), 0.001)
        timeout = httpx2.Timeout(left, connect=min(CONNECT_SECONDS, left))
        try:
            with self._client.stream("POST", "embeddings", json=self._body(texts), timeout=timeout) as answer:
                self._service.check(answer.status_code, answer.headers)
                return self._service.parse(self._bounded(answer, until))
        except Exception as error:
            raise self._service.failed(error) from error

    def _bounded(self, answer: "httpx2.Response", until: float) -> bytes:
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > MAX_BYTES:
                raise self._service.too_much()
            if time.monotonic() > until:  # a timeout of the client holds only from byte to byte
                raise TimedOut(f"the {self._service.what} did not answer in time", hint="try again later")
        return bytes(body)

    def _body(self, texts: list[str]) -> dict[str, Any]:
        at_openai = self._service.url == OPENAI_URL  # others may not know the shorter form
        body = {"model": self._model, "input": texts, "encoding_format": "base64" if at_openai else "float"}
        is_shortened = SIZES.get(self._model, self.dimensions) != self.dimensions
        return {**body, "dimensions": self.dimensions} if is_shortened else body

    @cached_property
    def _client(self) -> "httpx2.Client":
        import httpx2

        client = httpx2.Client(base_url=self._service.url, headers=self._service.headers)
        finalize(self, client.close)  # embedders are not closed; the connections go with this one
        return client


def batches(texts: Sequence[str], rows: int) -> Iterator[list[str]]:
    """The texts in order, cut, in requests of at most so many rows and `BATCH_CHARACTERS`."""
    batch: list[str] = []
    size = 0
    for text in (text[:MAX_CHARACTERS] for text in texts):
        if batch and (len(batch) == rows or size + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def connect(name: str, settings: Settings) -> Embeddings:
    """The embedder `MODEL?dimensions=N&rows=N&url=URL`. `ConfigError` when something is not said."""
    model, given = options(name, ("dimensions", "rows", "url"), setting="KB_EMBEDDER")
    if not model:
        raise ConfigError(
            "KB_EMBEDDER names no model", hint="such as KB_EMBEDDER=openai:text-embedding-3-small"
        )
    return Embeddings(
        model,
        _service(given.get("url", ""), settings),
        dimensions=_dimensions(model, given.get("dimensions", "")),
        rows=_number(given["rows"], "rows") if "rows" in given else BATCH_ROWS,
        deadline=settings.deadline,
    )


def _service(url: str, settings: Settings) -> Service:
    """The key of the model service goes to that service and to no other."""
    key = settings.embedder_key.get_secret_value()
    if not url:
        url = settings.model_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        key = key or settings.model_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")
    service = Service("embedding service", url.rstrip("/"), "KB_EMBEDDER", key.strip())
    if service.url == OPENAI_URL and not service.key:
        raise ConfigError(
            "no key for the embedding service",
            hint="set KB_EMBEDDER_KEY or OPENAI_API_KEY, or a service of your own: "
            "KB_EMBEDDER='openai:MODEL?dimensions=N&url=http://127.0.0.1:11434/v1'",
        )
    return service


def _dimensions(model: str, given: str) -> int:
    size = SIZES.get(model)
    wanted = _number(given, "dimensions") if given else size
    if wanted is None:
        raise ConfigError(
            f"how many dimensions has {model}?", hint=f"such as KB_EMBEDDER='openai:{model}?dimensions=768'"
        )
    if size is not None and (wanted > size or (model in _FIXED and wanted != size)):
        raise ConfigError(f"{model} has {size} dimensions, not {wanted}", hint="see KB_EMBEDDER")
    return wanted


def _number(value: str, option: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= 65_536):
        raise ConfigError(f"KB_EMBEDDER: {option} is no number: {value!r}", hint=f"such as {option}=64")
    return int(value)
