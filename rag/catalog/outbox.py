"""Unfinished work, read from the states themselves; there is no table for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from rag.catalog import chunks, partitions, versions
from rag.catalog.documents import DELETING
from rag.catalog.schema import documents
from rag.catalog.schema import versions as version_table
from rag.catalog.versions import CURRENT, KEPT, RETIRED, STAGED, parts


@dataclass(frozen=True, slots=True)
class Work:
    """What the next step does. Pairs are (version, document)."""

    staged: tuple[tuple[str, str], ...] = ()
    retired: tuple[tuple[str, str], ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    deleting: tuple[str, ...] = ()
    deleted_versions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.staged or self.retired or self.stale or self.deleting)

    @property
    def add(self) -> list[str]:
        """Versions whose entries the store must get (again)."""
        return [version for version, _ in (*self.staged, *self.stale)]

    @property
    def remove(self) -> list[str]:
        """Versions whose entries the store must lose."""
        return [version for version, _ in self.retired] + list(self.deleted_versions)


def pending(connection: Connection, tenant: str) -> Work:
    """All work there is."""
    d, v = documents.c, version_table.c
    deleting = tuple(
        connection.execute(select(d.id).where(d.tenant == tenant, d.status == DELETING)).scalars()
    )
    stale = connection.execute(
        select(d.current, d.id).where(
            d.tenant == tenant, d.stale == 1, d.status != DELETING, d.current.is_not(None)
        )
    )
    gone: list[str] = []
    for part in parts(deleting):
        gone += connection.execute(select(v.id).where(v.tenant == tenant, v.document.in_(part))).scalars()
    known = set(gone)
    return Work(
        staged=tuple(p for p in versions.in_state(connection, tenant, STAGED) if p[0] not in known),
        retired=tuple(p for p in versions.in_state(connection, tenant, RETIRED) if p[0] not in known),
        stale=tuple((str(row[0]), str(row[1])) for row in stale),
        deleting=deleting,
        deleted_versions=tuple(gone),
    )


def settle(connection: Connection, tenant: str, work: Work, *, keep: int) -> None:
    """The store holds the change: make it visible, and let go of what it removed."""
    _flip(connection, tenant, work.staged)
    _let_go(connection, tenant, work.retired, keep)
    _unstale(connection, tenant, [document for _, document in work.stale])
    touched = _collections(connection, tenant, work)
    chunks.forget(connection, tenant, work.deleted_versions)
    for part in parts(work.deleting):
        v, d = version_table.c, documents.c
        connection.execute(delete(version_table).where(v.tenant == tenant, v.document.in_(part)))
        connection.execute(delete(documents).where(d.tenant == tenant, d.id.in_(part)))
    partitions.touch_collections(connection, tenant, touched)


def current_of(connection: Connection, tenant: str, ids: Sequence[str]) -> list[str]:
    """The current versions of these documents."""
    v = version_table.c
    found: list[str] = []
    for part in parts(ids):
        query = select(v.id).where(v.tenant == tenant, v.document.in_(part), v.state == CURRENT)
        found += connection.execute(query).scalars()
    return found


def _flip(connection: Connection, tenant: str, staged: Sequence[tuple[str, str]]) -> None:
    old = current_of(connection, tenant, [document for _, document in staged])
    versions.set_state(connection, tenant, old, RETIRED)
    versions.set_state(connection, tenant, [version for version, _ in staged], CURRENT)
    d = documents.c
    new = [{"version": version, "document": document} for version, document in staged]
    if new:
        connection.execute(
            update(documents)
            .where(d.tenant == tenant, d.id == bindparam("document"))
            .values(current=bindparam("version"), status="ok", detail="", stale=0),
            new,
        )


def _let_go(connection: Connection, tenant: str, retired: Sequence[tuple[str, str]], keep: int) -> None:
    chunks.forget(connection, tenant, [version for version, _ in retired])
    versions.set_state(connection, tenant, [version for version, _ in retired], KEPT)
    for document in {document for _, document in retired}:
        chunks.drop_old_versions(connection, tenant, document, keep)


def _unstale(connection: Connection, tenant: str, ids: Sequence[str]) -> None:
    d = documents.c
    for part in parts(ids):
        connection.execute(update(documents).where(d.tenant == tenant, d.id.in_(part)).values(stale=0))


def _collections(connection: Connection, tenant: str, work: Work) -> set[str]:
    d = documents.c
    ids = [document for _, document in (*work.staged, *work.stale)] + list(work.deleting)
    found: set[str] = set()
    for part in parts(ids):
        query = select(d.collection).where(d.tenant == tenant, d.id.in_(part)).distinct()
        found |= set(connection.execute(query).scalars())
    return found
