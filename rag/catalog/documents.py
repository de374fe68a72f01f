"""Rows of documents: what is known of each file, and how it is listed."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from rag import validity
from rag.catalog.schema import documents, versions
from rag.types import Document

# States of a document. `ok` answers; `missing` still answers until it is pruned; `deleting` is gone
# for every reader; the rest say why a file could not be read (an older version may still answer).
DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows of a file, for planning.

    `ordered` and `base` are the groups and the collection that count again when no rule of its folder
    (`.kb.toml`) says otherwise; None and empty where they are those that count now.
    """

    id: str
    collection: str
    place: str
    source: str
    status: str
    detail: str
    current: str | None
    groups: tuple[str, ...]
    size: int
    mtime: int
    content_hash: bytes
    parser: str
    updated: float
    origin: str = ""
    etag: str = ""
    owner: str = ""
    valid_from: float | None = None
    valid_until: float | None = None
    priority: int = 0
    ordered: tuple[str, ...] | None = None
    base: str = ""


def known(connection: Connection, tenant: str, collection: str) -> list[Known]:
    """Every document of a collection, by place."""
    d = documents.c
    where = (d.tenant == tenant) & (d.collection == collection) & (d.status != DELETING)
    return [_known(row) for row in connection.execute(select(documents).where(where).order_by(d.place))]


def elsewhere(connection: Connection, tenant: str, collection: str) -> list[Known]:
    """Every document that was ingested into a collection and that a rule put into another; by place."""
    d = documents.c
    base = func.json_extract(d.groups, "$.base")
    where = (d.tenant == tenant) & (base == collection) & (d.status != DELETING)
    return [_known(row) for row in connection.execute(select(documents).where(where).order_by(d.place))]


def bounds(connection: Connection, tenant: str) -> list[tuple[str, float | None, float | None]]:
    """(id, valid from, valid until) of the documents that do not count for ever."""
    d = documents.c
    is_bounded = d.valid_from.is_not(None) | d.valid_until.is_not(None)
    query = select(d.id, d.valid_from, d.valid_until).where(d.tenant == tenant, is_bounded)
    return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(d.id))]


def find(connection: Connection, tenant: str, name: str, collection: str | None = None) -> list[Known]:
    """Documents whose id, source or place is `name`."""
    d = documents.c
    where = (d.tenant == tenant) & (d.status != DELETING)
    where &= (d.id == name) | (d.source == name) | (d.place == name) | (d.current == name)
    if collection:
        where &= d.collection == collection
    return [_known(row) for row in connection.execute(select(documents).where(where).order_by(d.id))]


def listing(connection: Connection, tenant: str, collection: str | None = None) -> list[Document]:
    """All documents by collection and source, with the figures of their current versions.

    What is `ok` in itself and does not count today has the status `expired` or `not yet valid`.
    """
    d, v = documents.c, versions.c
    join = documents.outerjoin(versions, (v.tenant == d.tenant) & (v.id == d.current))
    columns = (d.id, d.current, d.source, v.title, d.collection, v.chunks, v.characters, d.status)
    more = (v.language, d.groups, d.updated, d.detail, d.valid_from, d.valid_until)
    query = select(*columns, *more).select_from(join)
    query = query.where(d.tenant == tenant, d.status != DELETING).order_by(d.collection, d.source, d.id)
    if collection:
        query = query.where(d.collection == collection)
    now = time.time()
    return [_document(row, now) for row in connection.execute(query)]


def ids(connection: Connection, tenant: str) -> set[str]:
    """The ids in use."""
    return set(connection.execute(select(documents.c.id).where(documents.c.tenant == tenant)).scalars())


def add(connection: Connection, tenant: str, rows: Iterable[Known]) -> None:
    """Insert documents."""
    values = [_values(tenant, row) for row in rows]
    if values:
        connection.execute(insert(documents), values)


def note(connection: Connection, tenant: str, document: str, **values: object) -> None:
    """Change columns of one document."""
    d = documents.c
    connection.execute(update(documents).where(d.tenant == tenant, d.id == document).values(**values))


def pack_groups(groups: Iterable[str]) -> str:
    """Groups as they are stored: sorted, once each."""
    return json.dumps(sorted(set(groups)), ensure_ascii=False)


def pack_rights(groups: Iterable[str], ordered: Iterable[str], base: str = "") -> str:
    """Groups that count now, and what they and the collection stand in for, if anything."""
    now, before = pack_groups(groups), pack_groups(ordered)
    if now == before and not base:
        return now
    held = {"groups": json.loads(now), "ordered": json.loads(before), "base": base or None}
    return json.dumps(held, ensure_ascii=False)


def unpack_groups(text: str) -> tuple[str, ...]:
    """The groups that count now, of `pack_groups` or `pack_rights`."""
    found = json.loads(text)
    return tuple(found["groups"] if isinstance(found, dict) else found)


def _stands_in_for(text: str) -> tuple[tuple[str, ...] | None, str]:
    """The groups and the collection that `pack_rights` kept."""
    found = json.loads(text)
    return (tuple(found["ordered"]), found["base"] or "") if isinstance(found, dict) else (None, "")


def _values(tenant: str, known: Known) -> dict[str, object]:
    ordered = known.groups if known.ordered is None else known.ordered
    return {
        "tenant": tenant,
        "id": known.id,
        "collection": known.collection,
        "place": known.place,
        "source": known.source,
        "status": known.status,
        "detail": known.detail,
        "current": known.current,
        "groups": pack_rights(known.groups, ordered, known.base),
        "size": known.size,
        "mtime": known.mtime,
        "content_hash": known.content_hash,
        "parser": known.parser,
        "updated": known.updated,
        "stale": 0,
        "origin": known.origin,
        "etag": known.etag,
        "owner": known.owner,
        "valid_from": known.valid_from,
        "valid_until": known.valid_until,
        "priority": known.priority,
    }


def _known(row: Any) -> Known:
    found = row._mapping
    ordered, base = _stands_in_for(found["groups"])
    return Known(
        id=found["id"],
        collection=found["collection"],
        place=found["place"],
        source=found["source"],
        status=found["status"],
        detail=found["detail"],
        current=found["current"],
        groups=unpack_groups(found["groups"]),
        size=found["size"],
        mtime=found["mtime"],
        content_hash=bytes(found["content_hash"]),
        parser=found["parser"],
        updated=found["updated"],
        origin=found["origin"],
        etag=found["etag"],
        owner=found["owner"],
        valid_from=found["valid_from"],
        valid_until=found["valid_until"],
        priority=found["priority"],
        ordered=ordered,
        base=base,
    )


def _document(row: Any, now: float) -> Document:
    found = row._mapping
    status, detail = found["status"], found["detail"]
    if status == "ok" and (why := validity.said(found["valid_from"], found["valid_until"], now)):
        status, detail = validity.state(found["valid_from"], found["valid_until"], now), why
    return Document(
        id=found["id"],
        version=found["current"] or "",
        source=found["source"],
        title=found["title"] or "",
        collection=found["collection"],
        chunks=found["chunks"] or 0,
        characters=found["characters"] or 0,
        status=status,
        language=found["language"] or "en",
        groups=unpack_groups(found["groups"]),
        updated=found["updated"],
        detail=detail,
    )
