"""Rows of sources: where documents come from, how it is reached, and what the last sync said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from rag.catalog.documents import DELETING
from rag.catalog.schema import documents, sources


@dataclass(frozen=True, slots=True)
class Registered:
    """A source by its name.

    `values` are its options, `key_env` is the name of the environment variable with its secret; the
    secret itself is not stored. `groups` None leaves rights to the source. `state` is what the source
    wants back, `synced` the time of the last sync that came to its end, `report` says what the last
    try did, finished or not.
    """

    name: str
    url: str
    collection: str
    values: Mapping[str, str] = field(default_factory=dict)
    key_env: str = ""
    groups: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    synced: float | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


def add(connection: Connection, tenant: str, source: Registered) -> None:
    """Insert a source; its name must be free."""
    options = {
        "values": dict(source.values),
        "key_env": source.key_env,
        "groups": source.groups,
        "include": source.include,
        "exclude": source.exclude,
    }
    row = {"tenant": tenant, "name": source.name, "url": source.url, "collection": source.collection}
    connection.execute(
        insert(sources).values(**row, options=_packed(options), state="{}", synced=None, report="{}")
    )


def get(connection: Connection, tenant: str, name: str) -> Registered | None:
    """The source of this name."""
    s = sources.c
    row = connection.execute(select(sources).where(s.tenant == tenant, s.name == name)).first()
    return _registered(row) if row else None


def listing(connection: Connection, tenant: str) -> list[Registered]:
    """All sources, by name."""
    s = sources.c
    return [
        _registered(row)
        for row in connection.execute(select(sources).where(s.tenant == tenant).order_by(s.name))
    ]


def remove(connection: Connection, tenant: str, name: str) -> None:
    """Forget a source; its documents stay."""
    s = sources.c
    connection.execute(delete(sources).where(s.tenant == tenant, s.name == name))


def note_end(
    connection: Connection,
    tenant: str,
    name: str,
    *,
    synced: float,
    state: Mapping[str, object],
    report: Mapping[str, object],
) -> None:
    """A sync came to its end."""
    _update(connection, tenant, name, synced=synced, state=_packed(state), report=_packed(report))


def note_failure(connection: Connection, tenant: str, name: str, report: Mapping[str, object]) -> None:
    """A sync could not be finished: what is known of the source stays."""
    _update(connection, tenant, name, report=_packed(report))


def counts(connection: Connection, tenant: str) -> dict[str, int]:
    """Documents by the name of the source that they came from."""
    d = documents.c
    where = (d.tenant == tenant) & (d.origin != "") & (d.status != DELETING)
    found = connection.execute(select(d.origin, func.count()).where(where).group_by(d.origin))
    return {row[0]: row[1] for row in found}


def etags(connection: Connection, tenant: str, name: str) -> dict[str, str]:
    """Place to etag of the documents that came from a source and could be read."""
    d = documents.c
    where = (d.tenant == tenant) & (d.origin == name) & (d.etag != "") & (d.status == "ok")
    return {row.place: row.etag for row in connection.execute(select(d.place, d.etag).where(where))}


def _update(connection: Connection, tenant: str, name: str, **values: object) -> None:
    s = sources.c
    connection.execute(update(sources).where(s.tenant == tenant, s.name == name).values(**values))


def _packed(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _registered(row: Any) -> Registered:
    held = json.loads(row.options)
    return Registered(
        name=row.name,
        url=row.url,
        collection=row.collection,
        values=held["values"],
        key_env=held["key_env"],
        groups=None if held["groups"] is None else tuple(held["groups"]),
        include=tuple(held["include"]),
        exclude=tuple(held["exclude"]),
        state=json.loads(row.state),
        synced=row.synced,
        report=json.loads(row.report),
    )
