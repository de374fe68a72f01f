"""The bytes of a model service's answer, measured as they come.

The client splits lines and unpacks whatever it is sent, without a limit; this stands before it.
"""

from collections.abc import AsyncIterator

import httpx2

from rag.errors import BackendError

MAX_BYTES = 16_000_000  # of one answer; reasoning that is dropped counts too
MAX_LINE = 1_000_000  # of one line; services send a token or a few in each
_END_MARK = b"[DONE]"


class Flow(httpx2.AsyncByteStream):
    """A response's bytes, unchanged; `BackendError` when they are too many. Use it as a hook."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream
        self._total = 0
        self._line = 0
        self._tail = b""

    @property
    def said_done(self) -> bool:
        """True when the end mark was among the last bytes."""
        return _END_MARK in self._tail

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._measure(chunk)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()

    def _measure(self, chunk: bytes) -> None:
        last = chunk.rfind(b"\n")
        self._line = self._line + len(chunk) if last < 0 else len(chunk) - last - 1
        self._total += len(chunk)
        self._tail = (self._tail + chunk)[-64:]
        if self._total > MAX_BYTES or self._line > MAX_LINE:
            raise BackendError("the model service sends more than any answer needs")


async def measure(response: httpx2.Response) -> None:
    """A response hook: from here on the bytes are counted. Packed answers are refused, none was asked for."""
    packing = response.headers.get("content-encoding", "identity")
    if packing != "identity":
        raise BackendError("the model service packs its answers, which it was asked not to do")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = Flow(response.stream)
