"""Running the service: what must hold before it starts, the socket, a graceful end."""

import errno
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import uvicorn

from api.app import create_app
from api.edge import is_loopback
from api.protocol import Bounded
from rag.catalog import partitions
from rag.errors import ConfigError
from rag.settings import Settings
from rag.system import System
from rag.writer import check_embedder

_GRACE_SECONDS = 10
_WAITING = 512  # connections that the kernel holds before they are taken
_LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_KEY_HINT = (
    "set KB_KEYS to a JSON list such as "
    '[{"name": "me", "sha256": "<sha256 of the key in hex>", "groups": []}]; '
    'make a key with: python -c "import secrets; print(secrets.token_urlsafe(32))" '
    "and hash it with: printf %s KEY | sha256sum"
)


def run(settings: Settings) -> None:
    """Serve until a signal ends it. `ConfigError` when it must not or cannot start."""
    check(settings)
    with bind(settings.host, settings.port) as listening:
        system = _opened(settings)
        host, port = listening.getsockname()[:2]
        name = f"[{host}]" if ":" in host else host
        server = _Announcing(_config(system, settings), f"http://{name}:{port}")
        with suppress(KeyboardInterrupt):  # uvicorn has ended in good order and raises it again
            server.run(sockets=[listening])


def _opened(settings: Settings) -> System:
    """What does not fit is told here and not to clients; what takes long the first time is done."""
    system = System(settings)
    system.store, system.model  # noqa: B018  # made when first named
    with system.catalog.read() as connection:
        part = partitions.get(connection, settings.tenant)
    if part is not None:
        check_embedder(part, system.embedder.id)
    system.library.warm(settings.tenant)
    return system


def check(settings: Settings) -> None:
    """Without keys nobody but this machine is served."""
    if not settings.keys and not is_loopback(settings.host):
        raise ConfigError(f"serving on {settings.host or 'all addresses'} needs keys", hint=_KEY_HINT)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; `ConfigError` says in one line why there is none."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _listening(socket.socket(family, kind, number), address)
    except socket.gaierror as error:
        said = f"{host} is no address of this machine: {error.strerror}"
        raise ConfigError(said, hint="--host 127.0.0.1") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            hint = "stop what uses it, or --port 0 for a free one"
            raise ConfigError(f"port {port} on {host} is in use", hint=hint) from error
        said = f"cannot listen on {host} port {port}: {error.strerror}"
        raise ConfigError(said, hint="try another --port") from error


def _listening(made: socket.socket, address: Any) -> socket.socket:
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_WAITING)
    except BaseException:
        made.close()
        raise
    return made


def _config(system: System, settings: Settings) -> uvicorn.Config:
    logging.basicConfig(level=settings.log_level.upper(), format=_LOG_LINE)
    return uvicorn.Config(
        create_app(system),
        log_config=None,
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=Bounded,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class _Announcing(uvicorn.Server):
    """Says where it serves as soon as it does."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: Sequence[Any] | None = None) -> None:
        await super().startup(list(sockets or ()))
        if self.started:
            print(f"kb serves on {self._url}", flush=True)  # noqa: T201
