"""Stored texts and their life: staged, current, retired, kept (`docs/data-model.md`)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, insert, select, update

from rag.catalog.schema import chunks, documents, vectors, versions
from rag.types import Language, Version

T = TypeVar("T")

STAGED, CURRENT, RETIRED, KEPT = "staged", "current", "retired", "kept"


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk to be stored."""

    start: int
    end: int
    page: int | None
    heading: tuple[str, ...]
    text_hash: bytes
    features: bytes


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A text to be stored under a document that exists."""

    document: str
    text: str
    title: str
    source: str
    language: Language
    pages: tuple[int, ...]
    report: Mapping[str, object]
    content_hash: bytes
    parser: str
    chunks: Sequence[NewChunk]
    layout: bytes = b""


def stage(connection: Connection, tenant: str, new: Sequence[NewVersion], now: float) -> None:
    """Store versions nobody sees yet, at most one of each document.

    Their ids are hashes: the same for the same content under the same number.
    """
    numbers = _numbers(connection, tenant, [version.document for version in new])
    version_rows, chunk_rows = [], []
    for version in new:
        number = numbers.get(version.document, 0) + 1
        row = _version_row(tenant, version, number, now)
        version_rows.append(row)
        chunk_rows += [_chunk_row(tenant, str(row["id"]), i, c) for i, c in enumerate(version.chunks)]
    if version_rows:
        connection.execute(insert(versions), version_rows)
    if chunk_rows:
        connection.execute(insert(chunks), chunk_rows)


def version_id(document: str, number: int, content_hash: bytes, parser: str) -> str:
    """A hash of content and place."""
    body = f"{document}\0{number}\0{content_hash.hex()}\0{parser}".encode()
    return hashlib.blake2b(body, digest_size=10).hexdigest()


def get(connection: Connection, tenant: str, version: str) -> Version | None:
    """A stored text, or None."""
    v, d = versions.c, documents.c
    join = versions.join(documents, (d.tenant == v.tenant) & (d.id == v.document))
    row = connection.execute(
        select(versions, d.collection).select_from(join).where(v.tenant == tenant, v.id == version)
    ).first()
    if row is None:
        return None
    found = row._mapping
    return Version(
        id=found["id"],
        document=found["document"],
        number=found["number"],
        state=found["state"],
        text=found["text"],
        title=found["title"],
        source=found["source"],
        collection=found["collection"],
        language=found["language"],
        pages=tuple(json.loads(found["pages"])),
        created=found["created"],
    )


def texts(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, str]:
    """Canonical texts by version; those that are gone are left out."""
    v = versions.c
    found: dict[str, str] = {}
    for part in parts(ids):
        query = select(v.id, v.text).where(v.tenant == tenant, v.id.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def report(connection: Connection, tenant: str, version: str) -> dict[str, object]:
    """What the loader noticed."""
    query = select(versions.c.report).where(versions.c.tenant == tenant, versions.c.id == version)
    found: dict[str, object] = json.loads(connection.execute(query).scalar() or "{}")
    return found


def layout(connection: Connection, tenant: str, version: str) -> bytes:
    """Packed boxes of its lines (`rag/layout.py`); empty where it has none."""
    query = select(versions.c.layout).where(versions.c.tenant == tenant, versions.c.id == version)
    return bytes(connection.execute(query).scalar() or b"")


def in_state(connection: Connection, tenant: str, state: str) -> list[tuple[str, str]]:
    """(version, document) of all versions in a state, oldest first."""
    v = versions.c
    query = select(v.id, v.document).where(v.tenant == tenant, v.state == state)
    return [(row.id, row.document) for row in connection.execute(query.order_by(v.created, v.id))]


def of_document(connection: Connection, tenant: str, document: str) -> list[tuple[str, str]]:
    """(version, state) of a document, newest first."""
    v = versions.c
    query = select(v.id, v.state).where(v.tenant == tenant, v.document == document)
    return [(row.id, row.state) for row in connection.execute(query.order_by(v.number.desc()))]


@dataclass(frozen=True, slots=True)
class Stored:
    """A version that is kept, without its text. `chunks` are those that it was cut into."""

    id: str
    number: int
    state: str
    created: float
    characters: int
    chunks: int


def stored(connection: Connection, tenant: str, document: str) -> list[Stored]:
    """Every version of a document that is kept, newest first; staged ones are nobody's to see."""
    v = versions.c
    query = select(v.id, v.number, v.state, v.created, v.characters, v.chunks)
    query = query.where(v.tenant == tenant, v.document == document, v.state != STAGED)
    return [Stored(*row) for row in connection.execute(query.order_by(v.number.desc()))]


def set_state(connection: Connection, tenant: str, ids: Sequence[str], state: str) -> None:
    """Move versions to a state."""
    v = versions.c
    for part in parts(ids):
        connection.execute(update(versions).where(v.tenant == tenant, v.id.in_(part)).values(state=state))


def known_vectors(
    connection: Connection, tenant: str, embedder: str, hashes: Sequence[bytes]
) -> dict[bytes, NDArray[np.float16]]:
    """The vectors that are stored already."""
    c = vectors.c
    found: dict[bytes, NDArray[np.float16]] = {}
    for part in parts(hashes):
        query = select(c.text_hash, c.vector).where(
            c.tenant == tenant, c.embedder == embedder, c.text_hash.in_(part)
        )
        for row in connection.execute(query):
            found[bytes(row.text_hash)] = np.frombuffer(row.vector, dtype="<f2")
    return found


def add_vectors(
    connection: Connection, tenant: str, embedder: str, new: Mapping[bytes, NDArray[np.float16]]
) -> None:
    """Store vectors; those of a known text are left as they are."""
    rows = [
        {"tenant": tenant, "embedder": embedder, "text_hash": key, "vector": v.astype("<f2").tobytes()}
        for key, v in new.items()
    ]
    if rows:
        connection.execute(insert(vectors).prefix_with("OR IGNORE", dialect="sqlite"), rows)


def _numbers(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, int]:
    """The highest number of each document's versions."""
    v = versions.c
    found: dict[str, int] = {}
    for part in parts(ids):
        query = select(v.document, func.max(v.number)).where(v.tenant == tenant, v.document.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(query.group_by(v.document)))
    return found


def _version_row(tenant: str, new: NewVersion, number: int, now: float) -> dict[str, object]:
    return {
        "tenant": tenant,
        "id": version_id(new.document, number, new.content_hash, new.parser),
        "document": new.document,
        "number": number,
        "state": STAGED,
        "title": new.title,
        "source": new.source,
        "language": new.language,
        "pages": json.dumps(new.pages),
        "report": json.dumps(new.report, ensure_ascii=False, default=list),
        "content_hash": new.content_hash,
        "parser": new.parser,
        "created": now,
        "characters": len(new.text),
        "chunks": len(new.chunks),
        "text": new.text,
        "layout": new.layout or None,
    }


def _chunk_row(tenant: str, version: str, ordinal: int, chunk: NewChunk) -> dict[str, object]:
    return {
        "tenant": tenant,
        "version": version,
        "ordinal": ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "heading": json.dumps(chunk.heading, ensure_ascii=False) if chunk.heading else "",
        "text_hash": chunk.text_hash,
        "features": chunk.features,
    }


def parts(values: Sequence[T], size: int = 500) -> list[Sequence[T]]:
    """SQLite takes a bounded number of parameters in one statement."""
    return [values[i : i + size] for i in range(0, len(values), size)]
