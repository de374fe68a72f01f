"""One number for all that answers can come from, to compare two catalogs.

It covers what a reader can see (sources, texts, passages, terms, vectors, rights), and nothing that
depends on when or in which order it was written.
"""

import hashlib
import json

from sqlalchemy import Connection, select

from rag.catalog.schema import chunks, documents, vectors, versions
from rag.catalog.versions import CURRENT


def digest(connection: Connection, tenant: str) -> str:
    """SHA-256 over every current passage, by collection, source and place."""
    d, v, c, x = documents.c, versions.c, chunks.c, vectors.c
    join = (
        documents.join(versions, (v.tenant == d.tenant) & (v.id == d.current))
        .join(chunks, (c.tenant == v.tenant) & (c.version == v.id))
        .outerjoin(vectors, (x.tenant == c.tenant) & (x.text_hash == c.text_hash))
    )
    columns = (d.collection, d.source, d.groups, v.title, v.text, v.language, c.start, c.end, c.page)
    more = (c.heading, c.text_hash, c.features, x.embedder, x.vector)
    query = select(*columns, *more).select_from(join).where(d.tenant == tenant, v.state == CURRENT)
    query = query.order_by(d.collection, d.source, d.place, c.ordinal, x.embedder)
    total = hashlib.sha256()
    for row in connection.execute(query):
        total.update(json.dumps([_plain(value) for value in row]).encode())
    return total.hexdigest()


def _plain(value: object) -> object:
    """Long values by their hash."""
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, str) and len(value) > 200:
        return hashlib.sha256(value.encode()).hexdigest()
    return value
