"""The connection to Weaviate: one client, its time limits, and what happens when it is lost.

The client is made at the first call, inside the running loop. Of several hosts the first that
answers is used; when it is lost, the next call tries the following one.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from rag.errors import KBError, TimedOut, Unreachable
from rag.stores._weaviate_address import Host
from rag.stores._weaviate_errors import away, late, library_errors, translate

if TYPE_CHECKING:
    from weaviate import WeaviateAsyncClient

T = TypeVar("T")
READ_SECONDS = 10.0
WRITE_SECONDS = 60.0
_CONNECT_SECONDS = 5.0
_PATIENCE_SECONDS = 1.0  # after this long without an answer we look whether anyone is there
_CHANNEL = [
    ("grpc.max_reconnect_backoff_ms", 2000),  # two minutes by default
    ("grpc.use_local_subchannel_pool", 1),  # else a new client inherits the waiting of a lost one
]


class Link:
    """One client for the process; `ask` is the only way through it."""

    def __init__(self, hosts: tuple[Host, ...], key: SecretStr) -> None:
        self._hosts, self._key = hosts, key
        self._at = 0
        self._client: WeaviateAsyncClient | None = None
        self._lock = asyncio.Lock()

    async def client(self) -> "WeaviateAsyncClient":
        """The client, connected. `Unreachable` or `TimedOut` when no host answers."""
        async with self._lock:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def ask(self, call: Awaitable[T], seconds: float) -> T:
        """The result of a client call within the time, or an error of ours."""
        client, host = self._client, self._hosts[self._at]
        try:
            return await _answer(call, seconds, host)
        except library_errors() as error:
            ours = translate(error, str(host))
            if isinstance(ours, Unreachable):
                await self._lose(client)
            raise ours from error
        except Unreachable:
            await self._lose(client)
            raise

    async def close(self) -> None:
        """End the connection; a later call makes a new one."""
        await self._lose(self._client)

    async def _lose(self, client: "WeaviateAsyncClient | None") -> None:
        async with self._lock:
            if client is None or client is not self._client:
                return  # another call saw it first
            self._client = None
            self._at = (self._at + 1) % len(self._hosts)
        await client.close()

    async def _connect(self) -> "WeaviateAsyncClient":
        """Try each host once, from the current one on."""
        lost: KBError = away("any address")
        for _ in self._hosts:
            host = self._hosts[self._at]
            client = _new_client(host, self._key)
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await client.connect()
                if not await _is_there(host):
                    raise ConnectionRefusedError(f"nothing listens on {host.grpc} for gRPC")
                return client
            except library_errors() as error:
                await client.close()
                lost = translate(error, str(host))
                if not isinstance(lost, Unreachable | TimedOut):
                    raise lost from error
                self._at = (self._at + 1) % len(self._hosts)
        raise lost


async def _answer(call: Awaitable[T], seconds: float, host: Host) -> T:
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        # Over a lost connection the client sleeps and tries again for a minute, in silence.
        if not task.done() and not await _is_there(host):
            raise away(str(host))
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise late(str(host))
        if task.cancelled():  # another call found the connection lost and closed it
            raise away(str(host))
        return task.result()
    finally:
        task.cancel()


def _new_client(host: Host, key: SecretStr) -> "WeaviateAsyncClient":
    import weaviate
    from weaviate.classes.init import AdditionalConfig, Auth, Timeout
    from weaviate.config import GrpcConfig

    # When objects of a batch fail, the client logs them whole: that is document text.
    logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)
    secret = key.get_secret_value()
    return weaviate.use_async_with_custom(
        http_host=host.name,
        http_port=host.port,
        http_secure=host.tls,
        grpc_host=host.name,
        grpc_port=host.grpc,
        grpc_secure=host.tls,
        auth_credentials=Auth.api_key(secret) if secret else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=_CONNECT_SECONDS, query=READ_SECONDS, insert=WRITE_SECONDS),
            grpc_config=GrpcConfig(channel_options=_CHANNEL),
        ),
        skip_init_checks=True,  # they ask PyPI for a newer client
    )


async def _is_there(host: Host) -> bool:
    """True when something listens for gRPC. (The client's own `is_live` prints to the terminal.)"""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host.name, host.grpc)
        writer.close()
    except OSError:
        return False
    return True
