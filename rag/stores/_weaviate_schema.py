"""The collection: what is kept of an entry, how it is indexed, and the check that it is ours.

Vectors lie in a flat index by default: exact, no graph in memory, three times faster to fill, and
as safe from a crash as the objects themselves. Measured with 256 dimensions on 2 cores: 12 ms at
22k and 25-44 ms at 88k chunks of a tenant, recall 1; Weaviate's HNSW as it comes takes 7 ms but
misses: recall@10 .985 and .959, for some questions 0. `index=hnsw` is for tenants above some
200k chunks, with a wider graph than the default: 9 ms, recall@10 .998.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigError
from rag.stores._weaviate_address import Index

if TYPE_CHECKING:
    from weaviate import WeaviateAsyncClient
    from weaviate.collections.classes.config import CollectionConfig

OLDEST = (1, 39)  # with 1.39.3 filters, counts and recovery after a kill were tried
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Column:
    """A property: its type, and whether filters or keyword search read it."""

    kind: str
    filtered: bool = False
    searched: bool = False


COLUMNS = {
    "chunk": Column("int"),
    "version": Column("text"),
    "document": Column("text", filtered=True),
    "collection": Column("text", filtered=True),
    "language": Column("text", filtered=True),
    "groups": Column("text[]", filtered=True),
    "updated": Column("int", filtered=True),
    "source": Column("text"),
    "title": Column("text"),
    "heading": Column("text"),
    "text": Column("text"),
    "tokens": Column("text", searched=True),
    "seq": Column("int"),  # of the state object only
}


async def create(client: "WeaviateAsyncClient", name: str, index: Index) -> None:
    """Make the collection. Replicas are as many as the server's REPLICATION_MINIMUM_FACTOR says."""
    from weaviate.classes.config import Configure, DataType, Property, StopwordsPreset, Tokenization

    def prop(name: str, column: Column) -> Property:
        is_text = column.kind.startswith("text")
        split = Tokenization.WHITESPACE if column.searched else Tokenization.FIELD
        return Property(
            name=name,
            data_type=DataType(column.kind),
            index_filterable=column.filtered,
            index_searchable=column.searched if is_text else None,
            tokenization=split if is_text else None,
        )

    await client.collections.create(
        name,
        vector_config=Configure.Vectors.self_provided(vector_index_config=_vector_index(index)),
        # A forgotten `create` must fail, not make a partition by a mistyped name.
        multi_tenancy_config=Configure.multi_tenancy(
            enabled=True, auto_tenant_creation=False, auto_tenant_activation=True
        ),
        inverted_index_config=Configure.inverted_index(
            bm25_k1=_K1, bm25_b=_B, stopwords_preset=StopwordsPreset.NONE
        ),
        properties=[prop(name, column) for name, column in COLUMNS.items()],
    )


def _vector_index(index: Index) -> Any:
    from weaviate.classes.config import Configure, VectorDistances

    # Said aloud, since a server may be set to compress whatever does not refuse.
    whole = Configure.VectorIndex.Quantizer.none()
    cosine = VectorDistances.COSINE
    if index == "flat":
        return Configure.VectorIndex.flat(distance_metric=cosine, quantizer=whole)
    return Configure.VectorIndex.hnsw(
        distance_metric=cosine, quantizer=whole, ef=1000, ef_construction=256, max_connections=64
    )


def require_version(version: str) -> None:
    """`ConfigError` for a server that is too old."""
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if found < OLDEST:
        raise ConfigError(
            f"Weaviate {version} is too old", hint=f"{OLDEST[0]}.{OLDEST[1]} or later is needed"
        )


def require_ours(config: "CollectionConfig") -> None:
    """`ConfigError` naming the first difference from what `create` makes."""
    for fault in _faults(config):
        raise ConfigError(
            f"the Weaviate collection {config.name} is not kb's: {fault}",
            hint="name another one: ?collection=NAME in KB_STORE",
        )


def _faults(config: "CollectionConfig") -> Iterator[str]:
    if not config.multi_tenancy_config.enabled:
        yield "it has no multi-tenancy"
    vectors = config.vector_config or {}
    if set(vectors) != {"default"}:
        yield f"its vectors are {', '.join(sorted(vectors)) or 'of the old unnamed kind'}"
    for vector in vectors.values():
        yield from _vector_faults(vector)
    bm25 = config.inverted_index_config.bm25
    if (bm25.k1, bm25.b) != (_K1, _B) or config.inverted_index_config.stopwords.preset != "none":
        yield "its keyword index has other settings"
    found = {prop.name: prop for prop in config.properties}
    for name, column in COLUMNS.items():
        if name not in found:
            yield f"it has no property {name}"
        elif not _is_like(found[name], column):
            yield f"its property {name} is of another kind"


def _vector_faults(vector: Any) -> Iterator[str]:
    index = vector.vector_index_config
    if vector.vectorizer.vectorizer != "none":
        yield "it makes vectors itself"
    if getattr(index, "distance_metric", None) != "cosine":
        yield "its distance is not cosine"
    if getattr(index, "quantizer", None) is not None:
        yield "it compresses vectors"


def _is_like(prop: Any, column: Column) -> bool:
    same = (prop.data_type, prop.index_filterable) == (column.kind, column.filtered)
    if not column.kind.startswith("text"):
        return same
    split = "whitespace" if column.searched else "field"
    return same and prop.index_searchable == column.searched and prop.tokenization == split
