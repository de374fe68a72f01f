"""One row a tenant: which change is visible, and what the index was made with."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from rag.catalog.schema import collections, partitions

_p = partitions.c
_GET = select(_p.seq, _p.store, _p.embedder, _p.rights).where(_p.tenant == bindparam("tenant"))


@dataclass(frozen=True, slots=True)
class Partition:
    """`seq` is the last change that the store acknowledged and the catalog shows."""

    seq: int
    store: str
    embedder: str
    rights: int


def get(connection: Connection, tenant: str) -> Partition | None:
    """None for a tenant nothing was ever written for."""
    row = connection.execute(_GET, {"tenant": tenant}).first()
    return Partition(*row) if row else None


def seq(connection: Connection, tenant: str) -> int:
    """The visible change; 0 for an unknown tenant."""
    found = connection.execute(select(partitions.c.seq).where(partitions.c.tenant == tenant)).scalar()
    return int(found or 0)


def sketch(connection: Connection, tenant: str) -> bytes:
    """The packed sketch; empty for an unknown tenant."""
    query = select(partitions.c.sketch).where(partitions.c.tenant == tenant)
    return bytes(connection.execute(query).scalar() or b"")


def create(connection: Connection, tenant: str, *, store: str, embedder: str) -> Partition:
    """Begin a tenant."""
    connection.execute(
        insert(partitions).values(tenant=tenant, seq=0, store=store, embedder=embedder, rights=0, sketch=b"")
    )
    return Partition(0, store, embedder, 0)


def advance(connection: Connection, tenant: str, seq: int, sketch: bytes) -> None:
    """Make change `seq` visible."""
    connection.execute(update(partitions).where(partitions.c.tenant == tenant).values(seq=seq, sketch=sketch))


def adopt(connection: Connection, tenant: str, *, seq: int, store: str) -> None:
    """Note that `store` was rebuilt and holds change `seq`."""
    connection.execute(update(partitions).where(partitions.c.tenant == tenant).values(seq=seq, store=store))


def switch(connection: Connection, tenant: str, *, seq: int, embedder: str) -> None:
    """Name another embedder. `seq` must be above what the store holds, so that it is rebuilt before use."""
    where = partitions.c.tenant == tenant
    connection.execute(update(partitions).where(where).values(seq=seq, embedder=embedder))


def raise_rights(connection: Connection, tenant: str) -> None:
    """Rights changed: what was cached under the former number no longer counts."""
    p = partitions.c
    connection.execute(update(partitions).where(p.tenant == tenant).values(rights=p.rights + 1))


def touch_collections(connection: Connection, tenant: str, names: set[str]) -> None:
    """Raise the number of each collection that changed; make those that are new."""
    c = collections.c
    for name in sorted(names):
        where = (c.tenant == tenant) & (c.name == name)
        done = connection.execute(update(collections).where(where).values(number=c.number + 1))
        if not done.rowcount:
            connection.execute(insert(collections).values(tenant=tenant, name=name, number=1))


def collection_names(connection: Connection, tenant: str) -> list[str]:
    """All collections of the tenant, sorted."""
    c = collections.c
    return list(connection.execute(select(c.name).where(c.tenant == tenant).order_by(c.name)).scalars())
