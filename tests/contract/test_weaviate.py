"""What the Weaviate store makes of addresses, values and errors; no server is needed."""

import subprocess
import sys

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import BackendError, ConfigError, KBError, Throttled, TimedOut, Unreachable
from rag.filters import Eq, In, Not, Range
from rag.stores._weaviate_address import Host, parse
from rag.stores._weaviate_errors import translate
from rag.stores._weaviate_filters import compiled, exact
from rag.stores._weaviate_objects import chunk_of, object_id, state_id
from rag.stores._weaviate_schema import require_version

# The address


def test_an_address_says_hosts_ports_and_collection() -> None:
    found = parse("weaviate://a:1,b:2,c?grpc=7&collection=Ours&index=hnsw")
    assert found.hosts == (Host("a", 1, 7, False), Host("b", 2, 7, False), Host("c", 8080, 7, False))
    assert (found.collection, found.index) == ("Ours", "hnsw")


def test_an_address_may_name_a_grpc_port_for_each_host() -> None:
    assert [host.grpc for host in parse("weaviate://a,b?grpc=1,2").hosts] == [1, 2]


@pytest.mark.parametrize("url", ["weaviates://a", "weaviate://a?tls=1"])
def test_an_address_may_ask_for_tls(url: str) -> None:
    assert parse(url).hosts == (Host("a", 443, 50051, True),)


@pytest.mark.parametrize(
    "url",
    [
        "weaviate",
        "weaviate://",
        "weaviate://a:port",
        "weaviate://a?grpc=x",
        "weaviate://a,b?grpc=1,2,3",
        "weaviate://key@a",
        "weaviate://a/path",
        "weaviate://a?colection=X",
        "weaviate://a?collection=lower",
        "weaviate://a?collection=A/../B",
        "weaviate://a?index=pq",
    ],
)
def test_a_wrong_address_is_refused_with_a_hint(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(url)
    assert caught.value.hint


def test_naming_the_store_does_not_load_its_library() -> None:
    code = "import rag.stores.weaviate, sys; sys.exit('weaviate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# Values and ids


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_only_equal_texts_are_stored_alike(one: str, other: str) -> None:
    assert (exact(one) == exact(other)) == (one == other)
    assert exact(one).isascii()
    assert exact(one) == exact(one).strip() != ""


def test_plain_names_are_stored_as_they_are() -> None:
    assert exact("IT-handbook_2.v1~x") == "IT-handbook_2.v1~x"


def test_values_that_cannot_be_stored_equal_nothing() -> None:
    assert compiled(In("updated", (2**63, -(2**63) - 1))) is False
    assert compiled(Range("updated", low=2**63)) is False
    assert compiled(Range("updated", high=-(2**63))) is False
    assert compiled(Range("updated", -(2**80), 2**80)) is True
    assert compiled(Not(Eq("updated", "1"))) is True


@given(st.integers(0, 2**61), st.text())
def test_a_chunk_is_read_back_from_its_id(chunk: int, tenant: str) -> None:
    found = object_id(tenant, chunk)
    assert chunk_of(found) == chunk
    assert found != state_id(tenant)
    assert (found.version, found.variant) == (8, "specified in RFC 4122")


def test_the_state_is_no_chunk() -> None:
    assert chunk_of(state_id("t")) is None


# Errors


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("x"), Unreachable),
        (httpx.ConnectTimeout("x"), Unreachable),
        (httpx.ReadTimeout("x"), TimedOut),
        (httpx.RemoteProtocolError("x"), Unreachable),
        (ConnectionRefusedError(111, "refused"), Unreachable),
        (TimeoutError(), TimedOut),
    ],
)
def test_transport_errors_become_ours(error: Exception, kind: type[KBError]) -> None:
    found = translate(error, "host:8080")
    assert type(found) is kind
    assert "host:8080" in str(found)
    assert found.hint


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, ConfigError), (403, ConfigError), (429, Throttled), (503, Throttled), (500, BackendError)],
)
def test_statuses_become_ours(status: int, kind: type[KBError]) -> None:
    from weaviate.exceptions import UnexpectedStatusCodeError

    error = UnexpectedStatusCodeError("no", httpx.Response(status, json={}))
    assert type(translate(error, "h")) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNAVAILABLE", Unreachable),
        ("DEADLINE_EXCEEDED", TimedOut),
        ("RESOURCE_EXHAUSTED", Throttled),
        ("UNAUTHENTICATED", ConfigError),
        ("INTERNAL", BackendError),
    ],
)
def test_grpc_codes_become_ours(code: str, kind: type[KBError]) -> None:
    from grpc import StatusCode  # type: ignore[import-untyped]
    from grpc.aio import AioRpcError, Metadata  # type: ignore[import-untyped]
    from weaviate.exceptions import WeaviateQueryError

    def call() -> None:
        try:
            raise AioRpcError(getattr(StatusCode, code), Metadata(), Metadata(), "said")
        except AioRpcError as error:  # the client names no cause
            raise WeaviateQueryError(str(error.details()), "GRPC search")  # noqa: B904

    with pytest.raises(WeaviateQueryError) as caught:
        call()
    assert type(translate(caught.value, "h")) is kind


@pytest.mark.parametrize("version", ["1.38.9", "1.9.0", "0.40.0"])
def test_an_old_server_is_refused(version: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_version(version)
    assert "1.39" in caught.value.hint


@pytest.mark.parametrize("version", ["1.39.0", "1.40.1-rc.0", "2.0.0"])
def test_a_newer_server_is_taken(version: str) -> None:
    require_version(version)
