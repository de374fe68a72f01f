"""Any service that speaks OpenAI's chat completions: OpenAI, ollama, llama.cpp, vLLM, DeepSeek ...

The client never retries by itself: one place decides on that, under one deadline. Whatever a service
adds to the standard (reasoning, tool calls, odd fields) is not looked at.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from anyio import move_on_after

from rag.errors import BackendError, ConfigError, Unreachable
from rag.models import Delta, Turn
from rag.models._chunks import take
from rag.models._room import Room
from rag.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream

OPENAI_URL = "https://api.openai.com/v1"
_CONNECT_SECONDS, _CLOSE_SECONDS = 5.0, 1.0
_END = object()

T = TypeVar("T")


class ChatCompletions:
    """A model behind a chat-completions service. One client an event loop, made when first needed."""

    def __init__(self, model: str, *, url: str, key: str, deadline: float) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._url = url
        self._key = key
        self._deadline = deadline
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = WeakKeyDictionary()

    async def stream(self, turns: Sequence[Turn], *, max_tokens: int) -> AsyncIterator[Delta]:
        """Text as it comes, for `deadline` seconds in all; usage last, if the service tells it."""
        until = asyncio.get_running_loop().time() + self._deadline
        room, usage, finished = Room(max_tokens), None, False
        answer = await self._guarded(self._begin(turns, max_tokens), until)
        try:
            chunks = aiter(answer)
            while (raw := await self._guarded(anext(chunks, _END), until)) is not _END:
                chunk = take(raw)
                usage, finished = chunk.usage or usage, finished or chunk.finished
                if room.take(chunk.text):
                    yield Delta(chunk.text)
            if not finished:
                _check_end(answer)
        finally:
            # Shielded: whoever asked may be gone, and the service must not go on for nobody.
            with move_on_after(_CLOSE_SECONDS, shield=True):
                await answer.close()
        yield Delta("", usage)

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    async def _begin(self, turns: Sequence[Turn], max_tokens: int) -> "AsyncStream[Any]":
        messages: Any = [{"role": turn.role, "content": turn.content} for turn in turns]
        limit: Any = {limit_field(self._url): max_tokens}
        answer: AsyncStream[Any] = await self._client().chat.completions.create(
            model=self._model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            **limit,
        )
        return answer

    async def _guarded(self, step: Awaitable[T], until: float) -> T:
        """The step's value within the deadline; every error is one of ours."""
        from rag.models._openai_errors import translate

        try:
            async with asyncio.timeout_at(until):
                return await step
        except Exception as error:
            raise translate(error, url=_shown(self._url), model=self._model) from error

    def _client(self) -> "AsyncOpenAI":
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = _make_client(self._url, self._key, self._deadline)
        return self._clients[loop]


def connect(name: str, settings: Settings) -> ChatCompletions:
    """The model `name`. `ConfigError` when it is not said where it is and with which key."""
    if not name:
        raise ConfigError("KB_MODEL names no model", hint="such as KB_MODEL=openai:gpt-5.5")
    given = os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE") or ""
    url = settings.model_url or given
    key = (settings.model_key.get_secret_value() or os.environ.get("OPENAI_API_KEY", "")).strip()
    if not url and not key:
        raise ConfigError(
            "no key for the model service",
            hint="set KB_MODEL_KEY or OPENAI_API_KEY, or KB_MODEL_URL for a service of your own",
        )
    if url and not _is_address(url):
        raise ConfigError(f"no base URL: {url!r}", hint="such as KB_MODEL_URL=http://127.0.0.1:11434/v1")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("the model key has characters that no key has", hint="see KB_MODEL_KEY")
    # Services without keys ignore it, the client insists on one.
    return ChatCompletions(name, url=url or OPENAI_URL, key=key or "none", deadline=settings.deadline)


def limit_field(url: str) -> str:
    """What the limit of tokens is called there: OpenAI refuses the name that all others know."""
    at_openai = urlsplit(url).hostname == urlsplit(OPENAI_URL).hostname
    return "max_completion_tokens" if at_openai else "max_tokens"


def _make_client(url: str, key: str, deadline: float) -> "AsyncOpenAI":
    """Retries, redirects and packing are off: who asks decides on retries, and bytes are counted."""
    import httpx2  # with openai, half a second: only for those who use a model
    from openai import AsyncOpenAI

    from rag.models._flow import measure

    http = httpx2.AsyncClient(
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=50),
        follow_redirects=False,
        event_hooks={"response": [measure]},
    )
    return AsyncOpenAI(
        api_key=key,
        base_url=url,
        max_retries=0,
        timeout=httpx2.Timeout(deadline, connect=min(_CONNECT_SECONDS, deadline)),
        http_client=http,
        default_headers={"Accept-Encoding": "identity"},
    )


def _check_end(answer: "AsyncStream[Any]") -> None:
    """For a stream in which no choice finished: an error, unless the end mark was sent."""
    from rag.models._flow import Flow

    flow, kind = answer.response.stream, answer.response.headers.get("content-type", "")
    if "event-stream" not in kind:
        raise BackendError("the model service does not stream", hint="is KB_MODEL_URL its base URL?")
    if not (isinstance(flow, Flow) and flow.said_done):
        raise Unreachable("the model service broke off in the middle", hint="try again")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shown(url: str) -> str:
    """The address without a password or a query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
