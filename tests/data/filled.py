"""Documents put into a system without parsing: each paragraph is a chunk."""

import time
from collections.abc import Mapping, Sequence

from ingest.commit import document_id
from rag.catalog import documents, versions
from rag.catalog.documents import Known
from rag.catalog.versions import NewChunk, NewVersion
from rag.features import extract, pack
from rag.system import System
from rag.words import has_cjk
from rag.writer import Writer


async def put(
    system: System,
    texts: Mapping[str, str],
    *,
    collection: str = "default",
    origin: str = "",
    place: str = "",
) -> dict[str, str]:
    """Ids by source name. A source that is known gets another version. `place` is the folder of them."""
    async with system.writing() as writer:
        ids = stage(system, texts, collection, origin, place)
        await _step(writer)
    return ids


async def _step(writer: Writer) -> None:
    while await writer.step():
        pass


def stage(
    system: System, texts: Mapping[str, str], collection: str, origin: str, place: str
) -> dict[str, str]:
    """Rows that nobody sees before the writer's next step."""
    tenant = system.settings.tenant
    with system.catalog.write() as connection:
        taken, ids, new = documents.ids(connection, tenant), {}, []
        for source, text in texts.items():
            found = documents.find(connection, tenant, source, collection)
            ids[source] = found[0].id if found else document_id(tenant, collection, place + source, taken)
            if not found:
                row = _document(ids[source], collection, place + source, source, origin)
                documents.add(connection, tenant, [row])
            new.append(_version(ids[source], source, text))
        versions.stage(connection, tenant, new, time.time())
        bodies = {chunk.text_hash: v.text[chunk.start : chunk.end] for v in new for chunk in v.chunks}
        rows = dict(zip(bodies, system.embedder.passages(list(bodies.values())), strict=True))
        versions.add_vectors(connection, tenant, system.embedder.id, rows)
    return ids


def _document(name: str, collection: str, place: str, source: str, origin: str) -> Known:
    return Known(
        name, collection, place, source, "reading", "", None, (), 1, 1, b"", "plain", 0.0, origin=origin
    )


def _version(document: str, source: str, text: str) -> NewVersion:
    chunks = [_chunk(source, text, start, end) for start, end in _paragraphs(text)]
    language = "zh" if has_cjk(text) else "en"
    return NewVersion(document, text, source, source, language, (), {}, text.encode()[:16], "plain", chunks)


def _chunk(source: str, text: str, start: int, end: int) -> NewChunk:
    import hashlib

    body = text[start:end]
    features = pack(extract(body, heading="", title=source, path=source))
    return NewChunk(start, end, None, (), hashlib.blake2b(body.encode(), digest_size=16).digest(), features)


def _paragraphs(text: str) -> Sequence[tuple[int, int]]:
    found, start = [], 0
    for piece in text.split("\n\n"):
        if piece.strip():
            found.append((start, start + len(piece)))
        start += len(piece) + 2
    return found
