"""Deletion with proof: remove, read back every place, leave a receipt without content."""

import json
import mmap
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from anyio.to_thread import run_sync
from sqlalchemy import Connection, func, insert, select

from rag.catalog import Catalog, answers, chunks, documents, partitions
from rag.catalog.schema import answers as answer_table
from rag.catalog.schema import chunks as chunk_table
from rag.catalog.schema import receipts, vectors, versions
from rag.stores import Store
from rag.writer import Writer

_TEXT_PROBES = 16
_VECTOR_PROBES = 8
_PROBE_CHARACTERS, _PROBE_BYTES = 24, 16


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure removed and what was looked through afterwards; `left` must be empty."""

    documents: tuple[str, ...]
    versions: int
    chunks: int
    answers: int
    probes: int
    files: int
    bytes: int
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """A deletion that was decided: what goes, and what to look for when it is gone."""

    documents: tuple[str, ...] = ()
    versions: int = 0
    chunks: frozenset[int] = frozenset()
    probes: tuple[bytes, ...] = ()
    answers: int = 0


def decide(catalog: Catalog, tenant: str, ids: Sequence[str]) -> Erasure:
    """Hide documents from every reader at once, withdraw what quoted them, and note that they must go.

    The note outlives the process: whoever writes next finishes what was begun (`unfinished`).
    """
    erasure = _look(catalog, tenant, ids)
    with catalog.write() as connection:
        for document in ids:
            documents.note(connection, tenant, document, status=documents.DELETING)
            _keep_receipt(connection, tenant, document, {"done": False})
        partitions.raise_rights(connection, tenant)
        return replace(erasure, answers=answers.withdraw(connection, tenant, ids))


def unfinished(catalog: Catalog, tenant: str) -> Erasure:
    """What an interrupted deletion left to do; look before anything is written."""
    with catalog.read() as connection:
        rows = connection.execute(select(receipts).where(receipts.c.tenant == tenant)).all()
    return _look(catalog, tenant, [row.document for row in rows if not json.loads(row.body)["done"]])


async def finish(
    catalog: Catalog, store: Store, writer: Writer, erasure: Erasure, places: Sequence[Path]
) -> Receipt:
    """Remove what was decided and prove it. Use within the tenant's lock, with the writer open.

    `places` are the files and folders in which anything is stored on this machine; every file is
    searched for pieces of the deleted texts and vectors.
    """
    tenant = writer.target.tenant
    await writer.step()
    if store.keeps_traces:
        await writer.rebuild()
    await run_sync(catalog.compact)
    left = await run_sync(_search, catalog, tenant, erasure.probes, places)
    if erasure.chunks & await store.chunks(tenant):
        left = (*left, f"the store {store.name}")
    files = list(_files(places))
    size = sum(path.stat().st_size for path in files)
    counts = (erasure.versions, len(erasure.chunks), erasure.answers, len(erasure.probes), len(files), size)
    receipt = Receipt(erasure.documents, *counts, left)
    await run_sync(_record, catalog, tenant, receipt)
    return receipt


def _look(catalog: Catalog, tenant: str, ids: Sequence[str]) -> Erasure:
    """What these documents are made of, as far as they are still there."""
    v = versions.c
    probes: list[bytes] = []
    chunk_ids: set[int] = set()
    count = 0
    with catalog.read() as connection:
        for document in ids:
            rows = connection.execute(
                select(v.id, v.text).where(v.tenant == tenant, v.document == document)
            ).all()
            count += len(rows)
            found = chunks.ids_of(connection, tenant, [row.id for row in rows])
            probes += [piece for row in rows for piece in _pieces(row.text)]
            probes += _vector_pieces(connection, tenant, sorted(found))
            chunk_ids |= set(found)
    return Erasure(tuple(ids), count, frozenset(chunk_ids), tuple(dict.fromkeys(probes)))


def _pieces(text: str) -> Iterator[bytes]:
    """Stretches spread over the text as it is stored, and lines, which no escaping hides."""
    step = max(1, len(text) // _TEXT_PROBES)
    for start in range(0, len(text), step):
        yield from _worth_a_look(text[start : start + _PROBE_CHARACTERS])
    lines = [line.strip() for line in text.splitlines() if '"' not in line and "\\" not in line]
    lines = [line for line in lines if len(line.encode()) >= _PROBE_BYTES]
    for line in lines[:: max(1, len(lines) // _TEXT_PROBES)]:
        middle = max(0, (len(line) - _PROBE_CHARACTERS) // 2)
        yield from _worth_a_look(line[middle : middle + _PROBE_CHARACTERS])


def _worth_a_look(piece: str) -> Iterator[bytes]:
    """Short or blank pieces stand in many files by chance."""
    data = piece.encode()
    if len(data) >= _PROBE_BYTES and len(set(piece)) > 4:
        yield data


def _vector_pieces(connection: Connection, tenant: str, ids: Sequence[int]) -> list[bytes]:
    t, x = chunk_table.c, vectors.c
    step = max(1, len(ids) // _VECTOR_PROBES)
    some = list(ids)[::step][:_VECTOR_PROBES]
    join = chunk_table.join(vectors, (x.tenant == t.tenant) & (x.text_hash == t.text_hash))
    query = select(x.vector).select_from(join).where(t.tenant == tenant, t.id.in_(some))
    found = [bytes(row) for row in connection.execute(query).scalars()]
    return [vector[:64] for vector in found if any(vector[:64])]


def _search(
    catalog: Catalog, tenant: str, probes: Sequence[bytes], places: Sequence[Path]
) -> tuple[str, ...]:
    """Names of files in which a probe stands that no remaining document explains."""
    files = list(_files(places))
    suspects = {probe: [path.name for path in files if _holds(path, probe)] for probe in set(probes)}
    found: set[str] = set()
    for probe, names in suspects.items():
        if names and not _shared(catalog, tenant, probe):
            found.update(names)
    return tuple(sorted(found))


def _shared(catalog: Catalog, tenant: str, probe: bytes) -> bool:
    """True when a document that stays holds the same words, or the same vector."""
    v, x = versions.c, vectors.c
    with catalog.read() as connection:
        try:
            text = probe.decode()
        except UnicodeDecodeError:
            query = select(x.id).where(x.tenant == tenant, func.instr(x.vector, probe) > 0)
        else:
            if _was_asked(connection, text):
                return True
            query = select(v.id).where(func.instr(v.text, text) > 0)
        return connection.execute(query.limit(1)).first() is not None


def _was_asked(connection: Connection, text: str) -> bool:
    """True when a question that stays holds these words: they are the asker's own."""
    query = select(answer_table.c.id).where(func.instr(answer_table.c.question, text) > 0)
    return connection.execute(query.limit(1)).first() is not None


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        inside = place.rglob("*") if place.is_dir() else [place]
        yield from (path for path in inside if path.is_file())


def _holds(path: Path, probe: bytes) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(probe) >= 0
    except (ValueError, FileNotFoundError):  # empty, or gone meanwhile
        return False


def _record(catalog: Catalog, tenant: str, receipt: Receipt) -> None:
    body = asdict(receipt) | {"left": len(receipt.left), "done": not receipt.left}
    with catalog.write() as connection:
        for document in receipt.documents:
            _keep_receipt(connection, tenant, document, body)


def _keep_receipt(connection: Connection, tenant: str, document: str, body: Mapping[str, object]) -> None:
    connection.execute(
        insert(receipts)
        .prefix_with("OR REPLACE", dialect="sqlite")
        .values(tenant=tenant, document=document, erased=time.time(), body=json.dumps(body))
    )
