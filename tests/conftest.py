"""What every test gets: a home of its own, no network beyond loopback, plugins from outside off."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's settings or data is read or written."""
    for name in [name for name in os.environ if name.startswith(("KB_", "OPENAI_"))]:
        if name not in ("KB_SHARED", "KB_REQUIRE", "KB_CACHE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KB_PLUGINS", "off")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that reaches out fails at once, by name."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test reaches for {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    return


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The evaluation data beside the checkout; skips where it is not, fails where it must be."""
    found = Path(os.environ.get("KB_SHARED") or ROOT.parent / "shared") / "data"
    if not found.is_dir():
        if "shared" in os.environ.get("KB_REQUIRE", "").split(","):
            pytest.fail("KB_REQUIRE names the shared data, and it is not there")
        pytest.skip("no shared evaluation data; set KB_SHARED")
    return found
