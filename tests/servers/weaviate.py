"""A real Weaviate on loopback, for tests and for a demo.

    python -m tests.servers.weaviate build                       once; needs Go, takes minutes
    python -m tests.servers.weaviate run DATA_DIR -- COMMAND...   COMMAND with KB_STORE set

Nothing is downloaded but Go modules, by the ordinary proxy. The binary is kept in
`$KB_CACHE/servers`, else `$XDG_CACHE_HOME/kb/servers`, else `~/.cache/kb/servers`.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

VERSION = "v1.39.3"
_MODULE = f"github.com/weaviate/weaviate/cmd/weaviate-server@{VERSION}"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class ServerError(Exception):
    """The server cannot be built or does not come up. One line, then the end of its log."""


def binary() -> Path:
    """Where the server is kept, whether or not it is there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(os.environ.get("KB_CACHE") or Path(base) / "kb")
    return cache.absolute() / "servers" / f"weaviate-{VERSION}" / "weaviate-server"


def build() -> Path:
    """The binary, built first if it is not there."""
    wanted = binary()
    if wanted.is_file():
        return wanted
    if shutil.which("go") is None:
        raise ServerError(f"Weaviate {VERSION} is built from source, and there is no `go` on the PATH")
    wanted.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wanted.parent.parent) as draft:
        environment = {**os.environ, "GOBIN": draft}
        if subprocess.run(["go", "install", _MODULE], env=environment).returncode:
            raise ServerError(f"go install {_MODULE} failed; its messages are above")
        wanted.parent.mkdir(exist_ok=True)
        # The last step is a rename, so that a build cut short leaves nothing that looks whole.
        (Path(draft) / wanted.name).replace(wanted)
    return wanted


class WeaviateServer:
    """One node with its own data folder. It may be stopped or killed and started again.

    The ports stay the same for the object's life, so a client finds it again after a restart.
    `extra` are settings of the server, by their names in the environment.
    """

    def __init__(self, data: Path, extra: Mapping[str, str] | None = None) -> None:
        self.data, self._extra = data, extra or {}
        self._ports = _free_ports(6)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What KB_STORE is set to."""
        return f"weaviate://127.0.0.1:{self._ports[0]}?grpc={self._ports[1]}"

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until it answers. `ServerError` with the end of the log if it does not."""
        if not binary().is_file():
            raise ServerError(f"no Weaviate {VERSION} here; python -m tests.servers.weaviate build")
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(binary()), "--host", "127.0.0.1", "--port", str(self._ports[0])]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--scheme", "http"],
                env=self._environment(),
                cwd=self.data,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """SIGTERM, and wait; the server writes its memory out. Quiet when it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as in a crash, and wait."""
        self._end(signal.SIGKILL)

    def log(self) -> str:
        """Everything it has said since the data folder was made."""
        return self._log_path.read_text("utf-8", "replace") if self._log_path.is_file() else ""

    def __enter__(self) -> "WeaviateServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _log_path(self) -> Path:
        return self.data / "server.log"

    def _environment(self) -> dict[str, str]:
        rest = dict(zip(_PORT_SETTINGS, map(str, self._ports[1:]), strict=True))
        return {
            **os.environ,
            **rest,
            "CLUSTER_HOSTNAME": "node0",
            # Everything on loopback but gRPC and the data port, which know only all interfaces.
            "CLUSTER_BIND_ADDR": "127.0.0.1",
            "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
            # It elects itself after seconds that are meant for a real network: 2.5 s, not 10.
            "RAFT_HEARTBEAT_TIMEOUT": "1",
            "RAFT_ELECTION_TIMEOUT": "1",
            "RAFT_LEADER_LEASE_TIMEOUT": "1",
            "RAFT_TIMEOUTS_MULTIPLIER": "1",
            "PERSISTENCE_DATA_PATH": str(self.data / "weaviate"),
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
            "AUTOSCHEMA_ENABLED": "false",
            "DISABLE_TELEMETRY": "true",
            "DISABLE_GRAPHQL": "true",
            "GO_PROFILING_DISABLE": "true",
            # A full disk under the tests must not turn the server read-only half way.
            "DISK_USE_READONLY_PERCENTAGE": "99",
            "LOG_LEVEL": "warning",
            **self._extra,
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not (_answers(self._ports[0]) and _listens(self._ports[1])):
            assert self._process is not None
            if self._process.poll() is not None:
                raise self._failed(f"Weaviate ended with code {self._process.returncode}")
            if time.monotonic() > deadline:
                self.kill()
                raise self._failed(f"Weaviate was not ready after {_START_SECONDS:.0f} s")
            time.sleep(0.05)

    def _failed(self, message: str) -> ServerError:
        return ServerError(f"{message}; its log ends:\n{self.log()[-2000:]}")

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


_PORT_SETTINGS = (
    "GRPC_PORT",
    "CLUSTER_GOSSIP_BIND_PORT",
    "CLUSTER_DATA_BIND_PORT",
    "RAFT_PORT",
    "RAFT_INTERNAL_RPC_PORT",
)


def _free_ports(count: int) -> list[int]:
    """Ports that were free just now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/.well-known/ready", timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def run(data: Path, command: Sequence[str]) -> int:
    """Run a command beside a server; its exit code."""
    with WeaviateServer(data) as server:
        return subprocess.run(command, env={**os.environ, "KB_STORE": server.url}).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.weaviate", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("build", help="build the server unless it is there; print its path")
    running = actions.add_parser("run", help="run a command beside a server")
    running.add_argument("data", type=Path, help="folder that the server keeps its data in")
    running.add_argument("command", nargs="+", help="after --")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.action == "build":
            sys.stdout.write(f"{build()}\n")
            return 0
        return run(chosen.data.absolute(), chosen.command)
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
