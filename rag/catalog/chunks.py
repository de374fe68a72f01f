"""Chunks as the store gets them and as a search reads them back."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, literal_column, select

from rag.catalog.documents import DELETING, unpack_groups
from rag.catalog.schema import chunks, documents, vectors, versions
from rag.catalog.versions import CURRENT, KEPT, parts
from rag.features import Features, unpack
from rag.filters import Facts
from rag.stores import Entry

OPEN = ("*",)  # facts of a document that everybody may read


def _among(name: str) -> Any:
    """One parameter for a whole list: one of a hundred parameters would be compiled for every length."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def _unindexed(column: str) -> ColumnElement[str]:
    """A condition that SQLite must not choose an index for: it would read all rows of the tenant."""
    return literal_column(f"+{column}")


# Built once: putting a statement together takes longer than running it.
_PASSAGES = (
    select(
        chunks.c.id,
        chunks.c.version,
        chunks.c.ordinal,
        chunks.c.start,
        chunks.c.end,
        chunks.c.page,
        chunks.c.heading,
        chunks.c.features,
        vectors.c.vector,
    )
    .select_from(
        chunks.join(
            vectors,
            (vectors.c.tenant == chunks.c.tenant)
            & (vectors.c.embedder == bindparam("embedder"))
            & (vectors.c.text_hash == chunks.c.text_hash),
        )
    )
    .where(_unindexed("chunks.tenant") == bindparam("tenant"), chunks.c.id.in_(_among("ids")))
)
_HOMES = (
    select(
        versions.c.id,
        documents.c.id,
        documents.c.source,
        versions.c.title,
        documents.c.collection,
        versions.c.language,
        documents.c.groups,
        documents.c.updated,
        documents.c.valid_from,
        documents.c.valid_until,
        documents.c.priority,
    )
    .select_from(
        versions.join(
            documents, (documents.c.tenant == versions.c.tenant) & (documents.c.id == versions.c.document)
        )
    )
    .where(
        versions.c.tenant == bindparam("tenant"),
        versions.c.id.in_(_among("ids")),
        _unindexed("versions.state") == CURRENT,
        documents.c.status != DELETING,
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored chunk; never changes."""

    id: int
    version: str
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: tuple[str, ...]
    features: Features
    vector: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Home:
    """The document of a version, as it is now. It counts from `valid_from` until before `valid_until`."""

    document: str
    source: str
    title: str
    collection: str
    language: str
    groups: tuple[str, ...]
    updated: float
    valid_from: float | None = None
    valid_until: float | None = None
    priority: int = 0


def passages(connection: Connection, tenant: str, embedder: str, ids: Sequence[int]) -> list[Passage]:
    """Stored chunks by id, in no order; unknown ids are left out."""
    values = {"tenant": tenant, "embedder": embedder, "ids": json.dumps(list(ids))}
    return [_passage(row) for row in connection.execute(_PASSAGES, values)]


def _passage(row: Any) -> Passage:
    number, version, ordinal, start, end, page, heading, features, vector = row
    path = tuple(json.loads(heading)) if heading else ()
    half = np.frombuffer(vector, dtype="<f2")
    return Passage(number, version, ordinal, start, end, page, path, unpack(features), half)


def homes(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, Home]:
    """The documents of those versions that are current; the others are left out."""
    values = {"tenant": tenant, "ids": json.dumps(list(ids))}
    rows = connection.execute(_HOMES, values)
    return {row[0]: Home(*row[1:6], unpack_groups(row[6]), *row[7:]) for row in rows}


def entries(
    connection: Connection, tenant: str, embedder: str, ids: Sequence[str] | None = None
) -> Iterator[Entry]:
    """Entries of these versions (None: of all current ones), document by document."""
    wanted = _current(connection, tenant) if ids is None else ids
    for part in parts(wanted, 100):
        heads = _heads(connection, tenant, part)
        for row in _rows(connection, tenant, embedder, part):
            yield _entry(row, heads[row.version])


def ids_of(connection: Connection, tenant: str, ids: Sequence[str]) -> list[int]:
    """Ids of all chunks of these versions."""
    c = chunks.c
    found: list[int] = []
    for part in parts(ids):
        query = select(c.id).where(c.tenant == tenant, c.version.in_(part))
        found += connection.execute(query).scalars()
    return found


def headings(connection: Connection, tenant: str, version: str) -> list[tuple[int, tuple[str, ...]]]:
    """(start, heading path) of a version's chunks, in order; none of a version that is only kept."""
    c = chunks.c
    query = select(c.start, c.heading).where(c.tenant == tenant, c.version == version).order_by(c.start)
    rows = connection.execute(query)
    return [(row.start, tuple(json.loads(row.heading)) if row.heading else ()) for row in rows]


def features_of(connection: Connection, tenant: str, ids: Sequence[str]) -> list[Features]:
    """Features of all chunks of these versions."""
    c = chunks.c
    found: list[Features] = []
    for part in parts(ids):
        query = select(c.features).where(c.tenant == tenant, c.version.in_(part))
        found += [unpack(blob) for blob in connection.execute(query).scalars()]
    return found


def current_ids(connection: Connection, tenant: str) -> set[int]:
    """Ids of all chunks that answers may come from: what a store must hold at least."""
    c, v = chunks.c, versions.c
    join = chunks.join(versions, (v.tenant == c.tenant) & (v.id == c.version))
    query = select(c.id).select_from(join).where(c.tenant == tenant, v.state == CURRENT)
    return set(connection.execute(query).scalars())


def forget(connection: Connection, tenant: str, ids: Sequence[str]) -> None:
    """Remove the chunks of these versions, and the vectors that no other chunk shares."""
    c, x = chunks.c, vectors.c
    for part in parts(ids):
        hashes = list(
            connection.execute(
                select(c.text_hash).where(c.tenant == tenant, c.version.in_(part)).distinct()
            ).scalars()
        )
        connection.execute(delete(chunks).where(c.tenant == tenant, c.version.in_(part)))
        for some in parts(hashes):
            kept = select(c.text_hash).where(c.tenant == tenant, c.text_hash.in_(some))
            connection.execute(
                delete(vectors).where(x.tenant == tenant, x.text_hash.in_(some), x.text_hash.not_in(kept))
            )


def drop_old_versions(connection: Connection, tenant: str, document: str, keep: int) -> None:
    """Keep the newest `keep` versions of a document, the current one among them."""
    v = versions.c
    where = (v.tenant == tenant) & (v.document == document)
    query = select(v.id).where(where, v.state == KEPT).order_by(v.number.desc()).offset(max(0, keep - 1))
    old = list(connection.execute(query).scalars())
    for part in parts(old):
        connection.execute(delete(versions).where(v.tenant == tenant, v.id.in_(part)))


def count(connection: Connection, tenant: str) -> int:
    """Chunks of all versions in all states."""
    query = select(func.count()).select_from(chunks).where(chunks.c.tenant == tenant)
    return int(connection.execute(query).scalar() or 0)


def _current(connection: Connection, tenant: str) -> list[str]:
    v = versions.c
    query = select(v.id).where(v.tenant == tenant, v.state == CURRENT).order_by(v.id)
    return list(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class _Head:
    """What the entries of one version have in common."""

    text: str
    title: str
    source: str
    facts: Facts


def _heads(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, _Head]:
    d, v = documents.c, versions.c
    rows = connection.execute(
        select(v.id, v.text, v.title, v.language, d.id, d.source, d.collection, d.groups, d.updated)
        .select_from(versions.join(documents, (d.tenant == v.tenant) & (d.id == v.document)))
        .where(v.tenant == tenant, v.id.in_(ids))
    )
    found = {}
    for version, text, title, language, document, source, collection, groups, updated in rows:
        facts = Facts(collection, document, language, unpack_groups(groups) or OPEN, int(updated))
        found[version] = _Head(text, title, source, facts)
    return found


def _rows(connection: Connection, tenant: str, embedder: str, ids: Sequence[str]) -> Iterable[Any]:
    c, x = chunks.c, vectors.c
    same = (x.tenant == c.tenant) & (x.text_hash == c.text_hash) & (x.embedder == embedder)
    columns = (c.version, c.id, c.ordinal, c.start, c.end, c.heading, c.features, x.vector)
    query = select(*columns).select_from(chunks.join(vectors, same))
    query = query.where(c.tenant == tenant, c.version.in_(ids))
    return connection.execute(query.order_by(c.version, c.ordinal))


def _entry(row: Any, head: _Head) -> Entry:
    version, chunk, ordinal, start, end, heading, features, vector = row
    return Entry(
        chunk=chunk,
        key=f"{version}:{ordinal}",
        version=version,
        facts=head.facts,
        source=head.source,
        title=head.title,
        heading=" > ".join(json.loads(heading)) if heading else "",
        text=head.text[start:end],
        features=features,
        vector=np.frombuffer(vector, dtype="<f2"),
    )
