"""Passages that have no vector of an embedder yet, and vectors of other embedders than one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, delete, distinct, func, select

from rag.catalog.documents import DELETING
from rag.catalog.schema import chunks, documents, vectors, versions
from rag.catalog.versions import CURRENT, STAGED, parts, texts


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A stored passage to embed; `text_hash` is the key that its vector is kept under."""

    title: str
    heading: tuple[str, ...]
    text: str
    text_hash: bytes


def count(connection: Connection, tenant: str) -> int:
    """Different texts that answers may come from, now or after the next step."""
    query = select(func.count(distinct(chunks.c.text_hash))).select_from(_lasting()).where(_wanted(tenant))
    return int(connection.execute(query).scalar() or 0)


def missing(connection: Connection, tenant: str, embedder: str) -> list[int]:
    """One chunk of each text that `count` counts and that has no vector of this embedder, by id."""
    c, x = chunks.c, vectors.c
    same = (x.tenant == c.tenant) & (x.embedder == embedder) & (x.text_hash == c.text_hash)
    first = func.min(c.id)
    query = select(first).select_from(_lasting().outerjoin(vectors, same))
    query = query.where(_wanted(tenant), x.id.is_(None)).group_by(c.text_hash).order_by(first)
    return list(connection.execute(query).scalars())


def read(connection: Connection, tenant: str, ids: Sequence[int]) -> list[Unembedded]:
    """These chunks with their texts, by id; those that are gone are left out."""
    c, v = chunks.c, versions.c
    join = chunks.join(versions, (v.tenant == c.tenant) & (v.id == c.version))
    query = select(c.version, v.title, c.heading, c.start, c.end, c.text_hash).select_from(join)
    rows = [
        row
        for part in parts(ids)
        for row in connection.execute(query.where(c.tenant == tenant, c.id.in_(part)).order_by(c.id))
    ]
    whole = texts(connection, tenant, sorted({row.version for row in rows}))
    return [
        Unembedded(title, _path(heading), whole[version][start:end], bytes(text_hash))
        for version, title, heading, start, end, text_hash in rows
    ]


def drop_others(connection: Connection, tenant: str, embedder: str) -> int:
    """Remove the vectors of every other embedder; returns how many there were."""
    x = vectors.c
    return connection.execute(delete(vectors).where(x.tenant == tenant, x.embedder != embedder)).rowcount


def _lasting() -> FromClause:
    c, d, v = chunks.c, documents.c, versions.c
    join = chunks.join(versions, (v.tenant == c.tenant) & (v.id == c.version))
    return join.join(documents, (d.tenant == v.tenant) & (d.id == v.document))


def _wanted(tenant: str) -> ColumnElement[bool]:
    """Nothing of a document that is being deleted: its text must not go to a new place."""
    is_kept = versions.c.state.in_((STAGED, CURRENT)) & (documents.c.status != DELETING)
    return (chunks.c.tenant == tenant) & is_kept


def _path(heading: str) -> tuple[str, ...]:
    return tuple(json.loads(heading)) if heading else ()
