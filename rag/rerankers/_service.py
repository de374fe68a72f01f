"""A rerank service: one request, one answer, within a deadline; the wire of Cohere and of Jina."""

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from rag.errors import BackendError, ConfigError
from rag.remote import CONNECT_SECONDS, MAX_BYTES, Service, options
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx2

DEADLINE = 3.0  # seconds; whoever asked is waiting, and there is a ranking already
MAX_CHARACTERS = 8_000  # of a text
_LARGEST = 1e30  # of a score; JSON has integers that no float holds


class RerankService:
    """One client an event loop, made when first needed."""

    def __init__(self, kind: str, model: str, service: Service, *, path: str, deadline: float) -> None:
        self.name = f"{kind}:{model}"
        self._model = model
        self._service = service
        self._path = path
        self._deadline = deadline
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = WeakKeyDictionary()

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """The service's scores. A text that it leaves out comes after all that it names."""
        if not texts:
            return []
        body = {"model": self._model, "query": question, "top_n": len(texts)}
        documents = [text[:MAX_CHARACTERS] for text in texts]
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._ask({**body, "documents": documents})
            return read(answer, len(texts))
        except Exception as error:
            raise self._service.failed(error) from error

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _ask(self, body: dict[str, Any]) -> object:
        async with self._client().stream("POST", self._path, json=body) as answer:
            self._service.check(answer.status_code, answer.headers)
            data = bytearray()
            async for part in answer.aiter_raw():
                data += part
                if len(data) > MAX_BYTES:
                    raise self._service.too_much()
            return self._service.parse(bytes(data))

    def _client(self) -> "httpx2.AsyncClient":
        import httpx2

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = httpx2.AsyncClient(
                base_url=self._service.url,
                headers=self._service.headers,
                timeout=httpx2.Timeout(self._deadline, connect=min(CONNECT_SECONDS, self._deadline)),
            )
        return self._clients[loop]


def read(answer: object, count: int) -> list[float]:
    """Scores in the order of the texts, from `results` in any order, each with `index` and `relevance_score`.

    `BackendError` for an index that no text has or that comes twice, for no number, and for no results.
    """
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or not results or not all(isinstance(r, dict) for r in results):
        raise _wrong("no results")
    found: dict[int, float] = {}
    for result in results:
        index, score = result.get("index"), result.get("relevance_score")
        if type(index) is not int or not 0 <= index < count or index in found:
            raise _wrong("a result for no text, or two for one")
        if type(score) not in (int, float) or not -_LARGEST <= score <= _LARGEST:
            raise _wrong("a score that is no number")
        found[index] = float(score)
    least = min(found.values())
    left_out = least - max(1.0, abs(least))
    return [found.get(index, left_out) for index in range(count)]


def open_service(
    rest: str, settings: Settings, *, kind: str, home: str, path: str, model: str
) -> RerankService:
    """The reranker `MODEL?url=URL`; `home` is where the provider's own service stands.

    Its key is KB_RERANKER_KEY or, at the provider's own address only, KIND_API_KEY.
    """
    name, given = options(rest, ("url",), setting="KB_RERANKER")
    url, own = given.get("url", ""), f"{kind.upper()}_API_KEY"
    key = settings.reranker_key.get_secret_value() or ("" if url else os.environ.get(own, ""))
    if not url and not key.strip():
        raise ConfigError(
            f"no key for {kind}",
            hint=f"set {own}, or a service of your own: KB_RERANKER='{kind}:MODEL?url=http://127.0.0.1:8000'",
        )
    service = Service("rerank service", (url or home).rstrip("/"), "KB_RERANKER", key.strip())
    deadline = min(DEADLINE, settings.deadline)
    return RerankService(kind, name or model, service, path=path, deadline=deadline)


def _wrong(what: str) -> BackendError:
    return BackendError(f"the rerank service sent {what}", hint="is it of the kind that KB_RERANKER names?")
