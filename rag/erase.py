"""Deletion with proof: remove, read back every place, leave a receipt without content."""

import json
import mmap
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from anyio.to_thread import run_sync
from sqlalchemy import Connection, func, insert, select

from rag.catalog import Catalog, answers, chunks, documents
from rag.catalog.schema import chunks as chunk_table
from rag.catalog.schema import receipts, vectors, versions
from rag.stores import Store
from rag.writer import Writer

_TEXT_PROBES = 16
_VECTOR_PROBES = 8
_PROBE_CHARACTERS = 24


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


async def erase(
    catalog: Catalog, store: Store, writer: Writer, ids: Sequence[str], folders: Sequence[Path]
) -> Receipt:
    """Delete documents wholly and prove it. Use within the tenant's lock, with the writer open.

    `folders` is where anything may be stored on this machine; every file in them is searched for
    pieces of the deleted texts and vectors.
    """
    tenant = writer.target.tenant
    probes, removed, count = await run_sync(_prepare, catalog, tenant, ids)
    withdrawn = await run_sync(_mark, catalog, tenant, ids)
    await writer.step()
    if store.keeps_traces:
        await writer.rebuild()
    await run_sync(catalog.compact)
    left = await run_sync(_search, catalog, tenant, probes, folders)
    if removed & await store.chunks(tenant):
        left = (*left, f"the store {store.name}")
    files = [path for folder in folders for path in _files(folder)]
    size = sum(path.stat().st_size for path in files)
    receipt = Receipt(tuple(ids), count, len(removed), withdrawn, len(probes), len(files), size, left)
    await run_sync(_record, catalog, tenant, receipt)
    return receipt


def _prepare(catalog: Catalog, tenant: str, ids: Sequence[str]) -> tuple[list[bytes], set[int], int]:
    """What to look for afterwards: pieces of texts and vectors, chunk ids, how many versions."""
    v = versions.c
    probes: list[bytes] = []
    removed: set[int] = set()
    count = 0
    with catalog.read() as connection:
        for document in ids:
            rows = connection.execute(
                select(v.id, v.text).where(v.tenant == tenant, v.document == document)
            ).all()
            count += len(rows)
            names = [row.id for row in rows]
            removed |= set(chunks.ids_of(connection, tenant, names))
            probes += [piece for row in rows for piece in _pieces(row.text)]
            probes += _vector_pieces(connection, tenant, sorted(removed))
    return probes, removed, count


def _pieces(text: str) -> Iterator[bytes]:
    """Stretches spread over the text, within a line so that no escaping hides them."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [
        line for line in lines if len(line) >= _PROBE_CHARACTERS and '"' not in line and "\\" not in line
    ]
    step = max(1, len(lines) // _TEXT_PROBES)
    for line in lines[::step][:_TEXT_PROBES]:
        middle = (len(line) - _PROBE_CHARACTERS) // 2
        yield line[middle : middle + _PROBE_CHARACTERS].encode()


def _vector_pieces(connection: Connection, tenant: str, ids: Sequence[int]) -> list[bytes]:
    t, x = chunk_table.c, vectors.c
    step = max(1, len(ids) // _VECTOR_PROBES)
    some = list(ids)[::step][:_VECTOR_PROBES]
    join = chunk_table.join(vectors, (x.tenant == t.tenant) & (x.text_hash == t.text_hash))
    query = select(x.vector).select_from(join).where(t.tenant == tenant, t.id.in_(some))
    found = [bytes(row) for row in connection.execute(query).scalars()]
    return [vector[:64] for vector in found if any(vector[:64])]


def _mark(catalog: Catalog, tenant: str, ids: Sequence[str]) -> int:
    with catalog.write() as connection:
        for document in ids:
            documents.note(connection, tenant, document, status=documents.DELETING)
        return answers.withdraw(connection, tenant, ids)


def _search(
    catalog: Catalog, tenant: str, probes: Sequence[bytes], folders: Sequence[Path]
) -> tuple[str, ...]:
    """Names of files in which a probe stands that no remaining document explains."""
    files = [path for folder in folders for path in _files(folder)]
    suspects = {probe: [path.name for path in files if _holds(path, probe)] for probe in set(probes)}
    found: set[str] = set()
    for probe, places in suspects.items():
        if places and not _shared(catalog, tenant, probe):
            found.update(places)
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
            query = select(v.id).where(func.instr(v.text, text) > 0)
        return connection.execute(query.limit(1)).first() is not None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _holds(path: Path, probe: bytes) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(probe) >= 0
    except (ValueError, FileNotFoundError):  # empty, or gone meanwhile
        return False


def _record(catalog: Catalog, tenant: str, receipt: Receipt) -> None:
    body = asdict(receipt) | {"left": len(receipt.left)}
    now = time.time()
    with catalog.write() as connection:
        for document in receipt.documents:
            connection.execute(
                insert(receipts)
                .prefix_with("OR REPLACE", dialect="sqlite")
                .values(tenant=tenant, document=document, erased=now, body=json.dumps(body))
            )
