"""`kb documents`: what is known, one line a document."""

import time
from collections.abc import Sequence

from api.cli import layout, terminal
from api.cli.options import Collection, Home, Json, Store
from rag.types import Document


def documents(
    collection: Collection = None, store: Store = None, home: Home = None, json: Json = False
) -> int:
    """List documents with their state."""
    from api import encode
    from api.cli import opened

    found = opened.run(lambda system: system.documents(collection), store=store, home=home)
    if json:
        terminal.out_json(encode.documents(found))
    elif found:
        _print(found)
    else:
        where = f" in the collection {collection!r}" if collection else ""
        terminal.note(f"kb: no documents{where}")
        terminal.note("hint: kb ingest FOLDER reads some")
    return 0


def _print(found: Sequence[Document]) -> None:
    head = ("id", "collection", "source", "title", "chunks", "characters", "state", "updated")
    rows = [head, *(_row(document) for document in found)]
    lines = layout.table(rows, most=(24, 16, 48, 40, 6, 10, 16, 10))
    terminal.out_styled(terminal.dim(next(lines)))
    for line, document in zip(lines, found, strict=True):
        terminal.out(line)
        if document.detail:
            terminal.out(layout.wrap(document.detail, indent="    "))
    characters = sum(document.characters for document in found)
    terminal.note(f"{len(found)} documents, {characters:,} characters")


def _row(document: Document) -> tuple[str, ...]:
    day = time.strftime("%Y-%m-%d", time.localtime(document.updated))
    return (
        document.id,
        document.collection,
        document.source,
        document.title,
        str(document.chunks),
        str(document.characters),
        document.status,
        day,
    )
