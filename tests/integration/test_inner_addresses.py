"""No address that a stranger wrote leads to what is not on the internet (CWE-918)."""

import socket
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.outbound import Refused, Wall, ascii_host
from ingest.sources import Options, git, http, imap, s3, webdav
from ingest.sources._web import Web
from rag.errors import BadInput, KBError, Unreachable
from tests.data.inner_urls import INNER, NAMES, PUBLIC, urls
from tests.servers.http import WebServer


@pytest.fixture
def server():
    with WebServer() as running:
        running.page("/", "secret")
        running.page("/latest/meta-data/", "secret")
        yield running


def resolved(host: str, port: int) -> list[str]:
    """Names by the table; spellings of numbers as this machine's own resolver reads them."""
    if host in NAMES:
        return NAMES[host]
    with suppress(OSError):
        return [str(one[4][0]) for one in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
    return []


def wall(port: int, private: frozenset[str] = frozenset()) -> Wall:
    """The port is allowed, so that nothing but the address protects."""
    return Wall(private, frozenset({80, 443, port}), resolved)


def test_of_two_hundred_addresses_none_is_reached(server, tmp_path):
    tried = urls(server.port)
    for number, url in enumerate(tried):
        options = Options("site", tmp_path / str(number))
        with pytest.raises((BadInput, Unreachable)):
            walked(url, options, wall(server.port))
    assert (len(tried) >= 200, server.hits) == (True, 0)


def walked(url, options, checked):
    source = http.Site(url, options, checked, pause=lambda seconds: None)
    with closing(source):
        return source.walk()


def test_the_server_of_this_test_is_reached_once_its_host_is_named(server, tmp_path):
    options = Options("site", tmp_path, private_hosts=frozenset({server.host}))
    assert len(walked(server.url, options, Wall(options.private_hosts)).files) == 1
    assert server.hits > 0


def test_of_as_many_redirects_none_is_followed_inside(tmp_path):
    with WebServer() as inner, WebServer() as outer, ExitStack() as stack:
        inner.page("/", "secret")
        web = stack.enter_context(
            closing(Web(wall(inner.port, frozenset({outer.host})), pause=lambda seconds: None))
        )
        for target in urls(inner.port):
            with suppress(UnicodeEncodeError):
                target.encode("latin-1")
                if "\n" not in target:
                    outer.page("/", "", status=302, headers={"location": target}, validators="none")
                    with suppress(KBError):
                        web.get(outer.url + "/")
        assert (outer.count(302) > 150, inner.hits) == (True, 0)


def test_a_name_that_changes_between_check_and_use_gains_nothing(server, monkeypatch):
    asked, reached = [], []

    def rebinding(host, port):
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address, *more, **named):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    checked = Wall(ports=frozenset({server.port}), resolve=rebinding)
    with closing(Web(checked, pause=lambda seconds: None)) as web, pytest.raises(Refused):
        web.get(f"http://changing.example.org:{server.port}/")
    assert len(asked) == 2  # the second is that of the second try, and is checked anew
    assert (reached, server.hits) == ([(PUBLIC, server.port)], 0)


@pytest.mark.parametrize("address", [*INNER, "::1", "::ffff:10.0.0.1"])
@pytest.mark.parametrize(
    ("source", "url"),
    [
        (webdav, "webdavs://inner.example.org/"),
        (imap, "imaps://me@inner.example.org/INBOX"),
        (s3, "s3://bucket/?endpoint=https://inner.example.org"),
        (git, "git+https://inner.example.org/repository.git"),
        (git, "git+ssh://git@inner.example.org/repository.git"),
    ],
)
def test_every_kind_of_source_is_behind_the_wall(monkeypatch, tmp_path, source, url, address):
    monkeypatch.setattr("ingest.outbound._resolve", lambda host, port: [address])
    opened = source.connect(url, Options("x", tmp_path, secret=SecretStr("")))
    with closing(opened), pytest.raises(Refused, match=r"inner\.example\.org is not on the internet"):
        opened.walk()


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 9200])
def test_other_ports_need_to_be_named_with_their_host(port):
    with pytest.raises(Refused, match=f"port {port}"):
        Wall(resolve=lambda host, port: [PUBLIC]).addresses("example.org", port)
    named = Wall(frozenset({f"example.org:{port}"}), resolve=lambda host, port: [PUBLIC])
    assert named.addresses("example.org", port) == (PUBLIC,)


def test_naming_one_port_of_an_inner_host_opens_no_other():
    named = Wall(frozenset({"inner:8080"}), resolve=lambda host, port: ["10.0.0.1"])
    assert named.addresses("inner", 8080) == ("10.0.0.1",)
    with pytest.raises(Refused):
        named.addresses("inner", 80)


@pytest.mark.parametrize(
    ("host", "ascii_name"),
    [("Bücher.example", "xn--bcher-kva.example"), ("文档.公司.cn.", "xn--7dvp7d.xn--55qx5d.cn")],
)
def test_names_of_any_language_are_looked_up_as_browsers_do(host, ascii_name):
    assert ascii_host(host) == ascii_name


def test_nothing_but_the_wall_opens_connections():
    """Sources may not import what connects on its own."""
    folder = Path(http.__file__).parent
    banned = ("import requests", "urllib.request", "import httpx", "http.client", "create_connection", "boto")
    for path in folder.glob("*.py"):
        assert not [word for word in banned if word in path.read_text("utf-8")], path.name
