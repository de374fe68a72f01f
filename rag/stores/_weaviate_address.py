"""What KB_STORE says about Weaviate."""

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from rag.errors import ConfigError

Index = Literal["flat", "hnsw"]
_OPTIONS = {"grpc", "tls", "collection", "index"}
_EXAMPLE = "weaviate://host:8080?grpc=50051&collection=KbChunk"


@dataclass(frozen=True, slots=True)
class Host:
    """One node: where it speaks HTTP and where gRPC."""

    name: str
    port: int
    grpc: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """`index` is the kind of vector index that a new collection gets."""

    hosts: tuple[Host, ...]
    collection: str
    index: Index


def parse(url: str) -> Address:
    """`weaviate://host:8080,host2:8080?grpc=50051&tls=1&collection=KbChunk&index=flat`.

    `grpc` is one port for all hosts or one for each. `weaviates://` is the same as `tls=1`.
    """
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if "@" in parts.netloc or parts.path not in ("", "/") or set(options) - _OPTIONS:
            raise ValueError("it takes hosts, ports and the options " + ", ".join(sorted(_OPTIONS)))
        tls = parts.scheme == "weaviates" or options.get("tls", "0") in ("1", "true")
        hosts = _hosts(parts.netloc, options.get("grpc", "50051"), tls)
    except ValueError as error:
        raise ConfigError(f"KB_STORE is not a Weaviate address: {error}", hint=_EXAMPLE) from error
    return Address(hosts, _collection(options), _index(options))


def _hosts(netloc: str, grpc: str, tls: bool) -> tuple[Host, ...]:
    places = [urlsplit(f"//{place}") for place in netloc.split(",")]
    ports = [int(port) for port in grpc.split(",")]
    ports = ports * len(places) if len(ports) == 1 else ports
    if len(ports) != len(places) or not all(place.hostname for place in places):
        raise ValueError("each host needs a name, and gRPC one port for all or one for each")
    default = 443 if tls else 8080
    return tuple(
        Host(str(place.hostname), place.port or default, port, tls)
        for place, port in zip(places, ports, strict=True)
    )


def _collection(options: dict[str, str]) -> str:
    name = options.get("collection", "KbChunk")
    if not (name.isascii() and name.isidentifier() and name[0].isupper()):
        raise ConfigError(
            f"{name!r} cannot name a Weaviate collection", hint="a capital, then letters and digits"
        )
    return name


def _index(options: dict[str, str]) -> Index:
    wanted = options.get("index", "flat")
    for kind in get_args(Index):
        if kind == wanted:
            return kind  # type: ignore[no-any-return]  # get_args forgets the literal's type
    raise ConfigError(f"Weaviate has no vector index {wanted!r} for kb", hint="index=flat or index=hnsw")
