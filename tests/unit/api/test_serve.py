import socket

import pytest

from api.serve import bind, check
from rag.errors import ConfigError
from rag.settings import load


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "kb.example.org"])
def test_others_are_served_only_with_keys(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(load(host=host))
    assert "KB_KEYS" in caught.value.hint
    check(load(host=host, keys=[{"name": "me", "sha256": "0" * 64}]))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_is_served_without(host: str) -> None:
    check(load(host=host))


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is in use"):
            bind("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError):
        bind("192.0.2.1", 0)
