import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from api import protocol
from api.serve import bind

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that speaks our protocol."""
    with closing(bind("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            PlainTextResponse("fine"), http=protocol.Bounded, log_config=None, lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
async def test_a_head_that_does_not_come_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    async with connected() as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(30):
            received = await reader.read()
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"too-slow"' in received


async def test_a_head_without_end_ends_the_connection() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX-Long: ")
        for _ in range(20):
            writer.write(b"x" * 4_000)
            await writer.drain()
        async with asyncio.timeout(30):
            received = await reader.readuntil(b"\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 431 ")


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(4) == b"fine"
