"""From parsed files to rows of the catalog."""

import hashlib
import time
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ingest.planning.facts import Columns
from ingest.planning.work import RIGHTS, Work
from ingest.sources import Seen
from ingest.types import Loaded, Parsed
from ingest.wall.pool import Pool
from rag.catalog import documents, partitions, versions
from rag.catalog.documents import Known
from rag.catalog.versions import NewChunk, NewVersion
from rag.embedders import Remote
from rag.layout import pack as pack_layout
from rag.system import System

Vectors = dict[bytes, NDArray[np.float16]]


class Stage:
    """One group within one transaction: nobody sees it before the writer's next step."""

    def __init__(self, connection: Connection, system: System, work: Work) -> None:
        self._connection, self._system, self._work = connection, system, work
        self._tenant = system.settings.tenant
        self._taken = documents.ids(connection, self._tenant)
        self._now = time.time()
        self._new: list[Known] = []
        self._versions: list[NewVersion] = []

    def keep(self, parsed: Parsed, file: Seen, known: Known | None) -> None:
        """The document's row, and its new version if it could be read."""
        parser = self._work.parser(file)
        status, detail = (parsed.state, _detail(parsed)) if parsed.error else ("reading", "")
        if known is None:
            document = self._add(file, parsed, parser, status, detail)
        else:
            document = known.id
            values: dict[str, object] = {"status": status, "detail": detail} if parsed.error else {}
            values |= {"size": file.size, "mtime": file.mtime, "etag": file.etag, "parser": parser}
            values |= {"content_hash": parsed.content_hash, "place": file.place, "source": file.source}
            if parsed.error and known.source != file.source:
                values["stale"] = 1  # the version before goes on answering, under the new name
            documents.note(self._connection, self._tenant, document, updated=self._now, **values)
        if parsed.loaded is not None and not parsed.error:
            self._versions.append(_version(document, parsed, parsed.loaded, file.source, parser))

    def flush(self, vectors: Vectors) -> None:
        """Write what was kept, with the vectors of its new texts."""
        documents.add(self._connection, self._tenant, self._new)
        versions.stage(self._connection, self._tenant, self._versions, self._now)
        versions.add_vectors(self._connection, self._tenant, self._system.embedder.id, vectors)

    def _add(self, file: Seen, parsed: Parsed, parser: str, status: str, detail: str) -> str:
        facts = self._work.facts(file, None)
        document = document_id(self._tenant, facts.base, file.place, self._taken)
        self._taken.add(document)
        self._new.append(
            Known(
                id=document,
                collection=facts.collection,
                place=file.place,
                source=file.source,
                status=status,
                detail=detail,
                current=None,
                groups=facts.groups,
                size=file.size,
                mtime=file.mtime,
                content_hash=parsed.content_hash,
                parser=parser,
                updated=self._now,
                origin=facts.origin,
                etag=file.etag,
                owner=facts.owner,
                valid_from=facts.valid_from,
                valid_until=facts.valid_until,
                priority=facts.priority,
                ordered=facts.ordered,
                base="" if facts.base == facts.collection else facts.base,
            )
        )
        return document


def vectors(system: System, pool: Pool, group: Sequence[Parsed]) -> Vectors:
    """Vectors of all texts of the group that the catalog does not hold; embeds what is missing."""
    found: Vectors = {}
    wanted: dict[bytes, str] = {}
    for parsed in group:
        hashes = [piece.text_hash for piece in parsed.pieces]
        if parsed.vectors is not None:
            found.update(zip(hashes, parsed.vectors, strict=True))
        else:
            wanted.update(zip(hashes, parsed.embed, strict=True))
    held = _held(system, [key for key in wanted if key not in found])
    missing = {key: text for key, text in wanted.items() if key not in found and key not in held}
    if missing:
        embed = system.embedder.passages if isinstance(system.embedder, Remote) else pool.embed
        found.update(zip(missing, embed(list(missing.values())), strict=True))
    return found


def note_facts(connection: Connection, tenant: str, changed: Sequence[tuple[Known, Columns]]) -> None:
    """New facts count at once for readers; what the store holds of them follows with the next step."""
    for document, columns in changed:
        stale = {"stale": 1} if columns.keys() & {RIGHTS, "collection"} else {}
        documents.note(connection, tenant, document.id, **columns, **stale)
    left = {document.collection for document, columns in changed if "collection" in columns}
    partitions.touch_collections(connection, tenant, left)
    if changed:
        partitions.raise_rights(connection, tenant)


def document_id(tenant: str, collection: str, place: str, taken: set[str]) -> str:
    """A hash of the place; another number if a document that moved away still has that id."""
    for number in range(len(taken) + 1):
        body = f"{tenant}\0{collection}\0{place}\0{number}".encode()
        found = hashlib.blake2b(body, digest_size=8).hexdigest()
        if found not in taken:
            return found
    raise AssertionError("one of n + 1 ids is free of n")


def _held(system: System, keys: Sequence[bytes]) -> Mapping[bytes, NDArray[np.float16]]:
    if not keys:
        return {}
    with system.catalog.read() as connection:
        return versions.known_vectors(connection, system.settings.tenant, system.embedder.id, keys)


def _detail(parsed: Parsed) -> str:
    return f"{parsed.error}; {parsed.hint}" if parsed.hint else parsed.error


def _version(document: str, parsed: Parsed, loaded: Loaded, source: str, parser: str) -> NewVersion:
    return NewVersion(
        document=document,
        text=loaded.text,
        title=loaded.title,
        source=source,
        language=parsed.language,
        pages=loaded.pages,
        report=loaded.report,
        content_hash=parsed.content_hash,
        parser=parser,
        layout=pack_layout(loaded.boxes),
        chunks=[
            NewChunk(p.span.start, p.span.end, p.page, p.heading, p.text_hash, p.features)
            for p in parsed.pieces
        ],
    )
