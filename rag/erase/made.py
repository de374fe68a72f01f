"""What documents are made of, as far as it is still there: all that an erasure must reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from rag.catalog import partitions
from rag.catalog.schema import chunks, documents, vectors, versions
from rag.catalog.versions import parts
from rag.erase import windows
from rag.erase.windows import Windows
from rag.spool import spool
from rag.stores import Query
from rag.words import terms

_MOST_WINDOWS = 200_000  # of an erasure
_LEAST_WINDOWS, _MOST_OF_ONE = 64, 4096  # of a document
_QUERIES = 16
_TERMS = 24
_CANDIDATES = 150


@dataclass(frozen=True, slots=True)
class Made:
    """Ids and hashes, windows of the texts and vectors, questions that would find them.

    `sources` are paths, `origins` the names of what `kb sync` brought them from. `texts` are the hashes
    of the passages, `alone` those that no other passage shares. `files` are the documents' own files
    where those lie in the home folder, and the folders in which their sources spool. `answers` say
    something of the documents without showing them.
    """

    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    chunks: frozenset[int] = frozenset()
    texts: frozenset[bytes] = frozenset()
    alone: frozenset[bytes] = frozenset()
    files: tuple[Path, ...] = ()
    queries: tuple[Query, ...] = ()
    windows: Windows = field(default_factory=windows.none)
    answers: tuple[str, ...] = ()


def look(connection: Connection, tenant: str, ids: Sequence[str], home: Path | None = None) -> Made:
    """Read everything of these documents. Their texts are held one at a time."""
    known = _known(connection, tenant, ids)
    of = {version: document for document, version in _versions(connection, tenant, ids)}
    numbers, hashes = _chunks(connection, tenant, list(of))
    return Made(
        documents=tuple(ids),
        sources=tuple(row.source for row in known),
        origins=_origins(known),
        versions=tuple(of),
        chunks=frozenset(numbers),
        texts=frozenset(hashes),
        alone=frozenset(hashes - _shared(connection, tenant, set(of), hashes)),
        files=tuple(_files(known, home.resolve(), tenant)) if home is not None else (),
        queries=tuple(_queries(connection, tenant, numbers)),
        windows=_windows(connection, tenant, ids, of),
    )


def _known(connection: Connection, tenant: str, ids: Sequence[str]) -> list[Any]:
    """Rows with id, source, place and origin, in the order of the ids."""
    d = documents.c
    found: dict[str, Any] = {}
    for part in parts(ids):
        query = select(d.id, d.source, d.place, d.origin).where(d.tenant == tenant, d.id.in_(part))
        found.update((row.id, row) for row in connection.execute(query))
    return [found[one] for one in ids if one in found]


def _versions(connection: Connection, tenant: str, ids: Sequence[str]) -> list[tuple[str, str]]:
    v = versions.c
    found: list[tuple[str, str]] = []
    for part in parts(ids):
        query = select(v.document, v.id).where(v.tenant == tenant, v.document.in_(part))
        found += [(row.document, row.id) for row in connection.execute(query.order_by(v.document, v.number))]
    return found


def _chunks(connection: Connection, tenant: str, of: Sequence[str]) -> tuple[list[int], set[bytes]]:
    c = chunks.c
    numbers, hashes = [], set()
    for part in parts(of):
        query = select(c.id, c.text_hash).where(c.tenant == tenant, c.version.in_(part))
        for row in connection.execute(query):
            numbers.append(int(row.id))
            hashes.add(bytes(row.text_hash))
    return sorted(numbers), hashes


def _shared(connection: Connection, tenant: str, going: set[str], hashes: set[bytes]) -> set[bytes]:
    """Those of the hashes that a passage of another version has too."""
    c = chunks.c
    found: set[bytes] = set()
    for part in parts(sorted(hashes)):
        query = select(c.text_hash, c.version).where(c.tenant == tenant, c.text_hash.in_(part))
        found |= {bytes(row.text_hash) for row in connection.execute(query) if row.version not in going}
    return found


def _queries(connection: Connection, tenant: str, numbers: Sequence[int]) -> list[Query]:
    """What would find some of the passages: their own words and vectors."""
    c, v, x = chunks.c, versions.c, vectors.c
    part = partitions.get(connection, tenant)
    some = numbers[:: max(1, len(numbers) // _QUERIES)][:_QUERIES]
    same = (
        (x.tenant == c.tenant)
        & (x.text_hash == c.text_hash)
        & (x.embedder == (part.embedder if part else ""))
    )
    join = chunks.join(versions, (v.tenant == c.tenant) & (v.id == c.version)).outerjoin(vectors, same)
    query = (
        select(v.text, c.start, c.end, x.vector).select_from(join).where(c.tenant == tenant, c.id.in_(some))
    )
    return [
        Query(tuple(dict.fromkeys(terms(text[start:end])))[:_TERMS], _unit(vector), None, _CANDIDATES)
        for text, start, end, vector in connection.execute(query)
    ]


def _unit(vector: bytes | None) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None":
    if vector is None:
        return None
    whole = np.frombuffer(vector, "<f2").astype(np.float32)
    length = float(np.linalg.norm(whole))
    return whole / np.float32(length) if length else whole


def _windows(connection: Connection, tenant: str, ids: Sequence[str], of: dict[str, str]) -> Windows:
    number = {document: place for place, document in enumerate(ids)}
    most = min(_MOST_OF_ONE, max(_LEAST_WINDOWS, _MOST_WINDOWS // max(1, len(ids))))
    embedders = list(connection.execute(select(vectors.c.embedder).distinct()).scalars())
    found = []
    for version, document in of.items():
        v = versions.c
        text = connection.execute(select(v.text).where(v.tenant == tenant, v.id == version)).scalar()
        found.append(windows.of_text(text or "", number[document], most))
        rows = _vectors(connection, tenant, version, embedders)
        found.append(windows.of_vectors(rows, number[document]))
    return windows.together(found)


def _vectors(connection: Connection, tenant: str, version: str, embedders: Sequence[str]) -> list[bytes]:
    """Of every embedder: the index of vectors is by embedder first."""
    c, x = chunks.c, vectors.c
    same = (x.tenant == c.tenant) & x.embedder.in_(embedders) & (x.text_hash == c.text_hash)
    query = select(x.vector).select_from(chunks.join(vectors, same))
    query = query.where(c.tenant == tenant, c.version == version).order_by(c.ordinal)
    return [bytes(vector) for vector in connection.execute(query).scalars()]


def _origins(known: Sequence[Any]) -> tuple[str, ...]:
    """Names of the sources that brought them; a folder that was ingested has none."""
    return tuple(sorted({row.origin for row in known} - {""}))


def _files(known: Sequence[Any], home: Path, tenant: str) -> Iterator[Path]:
    """What of these documents lies in the home folder beside the catalog and the index."""
    for row in known:
        path = Path(row.place)
        if path.is_absolute() and path.is_relative_to(home) and path.is_file():
            yield path
    spooled = spool(home, tenant)
    for origin in _origins(known):
        folder = spooled / origin
        if folder.parent == spooled and folder.is_dir():
            yield folder
