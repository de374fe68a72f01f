"""Sockets for the HTTP library: opened by the wall, and ended by the clock of the request."""

from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any

import httpcore2

from ingest.outbound import Wall

Left = Callable[[], float]


class Backend(httpcore2.NetworkBackend):
    """Connects to checked addresses only; the name stays in the Host header and in TLS."""

    def __init__(self, wall: Wall, left: Left) -> None:
        self._wall, self._left, self._plain = wall, left, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """The first of the checked addresses that takes the connection."""
        failed: Exception = httpcore2.ConnectError(host)
        for address in self._wall.addresses(host, port):
            try:
                stream = self._plain.connect_tcp(address, port, _least(timeout, self._left()))
                return _Stream(stream, self._left)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, left: Left) -> None:
        self._inner, self._left = inner, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _least(timeout, self._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _least(timeout, self._left()))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, _least(timeout, self._left()))
        return _Stream(secured, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _least(timeout: float | None, left: float) -> float:
    return left if timeout is None else min(timeout, left)
