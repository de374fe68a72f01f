"""Erasures: begun ones, which somebody must finish, and done ones with their signed receipts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from rag.catalog.documents import DELETING
from rag.catalog.schema import documents, erasures, receipts
from rag.catalog.versions import parts

_BEGUN = {"done": False}  # what stands in a row until its receipt does


@dataclass(frozen=True, slots=True)
class Begun:
    """A deletion that was decided and may not be finished. `note` holds no content."""

    id: str
    documents: tuple[str, ...]
    note: Mapping[str, Any]
    probes: bytes


@dataclass(frozen=True, slots=True)
class Erased:
    """A finished one: its receipt as it was signed, and keyed hashes for looking again."""

    id: str
    erased: float
    receipt: str
    probes: bytes


def begin(connection: Connection, tenant: str, begun: Begun, now: float) -> None:
    """Note what must go, in the transaction that hides it."""
    body = json.dumps({**_BEGUN, "documents": begun.documents, "note": dict(begun.note)})
    values = {"tenant": tenant, "id": begun.id, "erased": now, "body": body, "probes": begun.probes}
    connection.execute(insert(erasures).values(**values))


def hide(connection: Connection, tenant: str, ids: Sequence[str]) -> None:
    """No reader sees these documents from now on; the writer's next step removes them."""
    d = documents.c
    for part in parts(ids):
        those = update(documents).where(d.tenant == tenant, d.id.in_(part))
        connection.execute(those.values(status=DELETING))


def unfinished(connection: Connection, tenant: str) -> list[Begun]:
    """Those that were begun and have no receipt, oldest first."""
    e = erasures.c
    where = (e.tenant == tenant) & e.body.startswith('{"done": false')
    rows = connection.execute(select(erasures).where(where).order_by(e.erased, e.id)).all()
    found = [_begun(row.id, json.loads(row.body), bytes(row.probes)) for row in rows]
    return found + _former(connection, tenant)


def finish(connection: Connection, tenant: str, former: Sequence[str], done: Erased) -> None:
    """Put the receipt in place of what was begun; `former` are the ids of all that it finishes."""
    e, r = erasures.c, receipts.c
    for part in parts(former):
        connection.execute(delete(erasures).where(e.tenant == tenant, e.id.in_(part)))
    connection.execute(delete(receipts).where(r.tenant == tenant, r.body.contains('"done": false')))
    values = {"tenant": tenant, "id": done.id, "erased": done.erased, "body": done.receipt}
    connection.execute(insert(erasures).values(**values, probes=done.probes))


def listing(connection: Connection, tenant: str) -> list[Erased]:
    """All that are finished, oldest first."""
    e = erasures.c
    where = (e.tenant == tenant) & ~e.body.startswith('{"done": false')
    rows = connection.execute(select(erasures).where(where).order_by(e.erased, e.id))
    return [Erased(row.id, row.erased, row.body, bytes(row.probes)) for row in rows]


def forget_probes(connection: Connection, tenant: str, erasure: str) -> None:
    """Keep the receipt only: nobody can look, or guess, again."""
    e = erasures.c
    connection.execute(update(erasures).where(e.tenant == tenant, e.id == erasure).values(probes=b""))


def _begun(erasure: str, body: Mapping[str, Any], probes: bytes) -> Begun:
    return Begun(erasure, tuple(body["documents"]), body["note"], probes)


def _former(connection: Connection, tenant: str) -> list[Begun]:
    """What a version before 0.2 began: it noted each document in `receipts`."""
    r = receipts.c
    query = select(r.document).where(r.tenant == tenant, r.body.contains('"done": false'))
    ids = tuple(connection.execute(query).scalars())
    return [Begun("", ids, {}, b"")] if ids else []
