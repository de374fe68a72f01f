"""`kb documents`: what is known, one line a document."""

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from api.cli import layout, states, terminal
from api.cli.options import Collection, Home, Json, Store
from rag.errors import BadInput
from rag.types import Document

Status = Annotated[
    list[str] | None,
    typer.Option(
        "--status",
        metavar="STATE",
        help="Only in this state, such as 'ocr needed'; again for more. 'problems': all but ok.",
        show_default=False,
    ),
]


def documents(
    collection: Collection = None,
    status: Status = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List documents with their state and, where something is wrong, the next step."""
    from api import encode
    from api.cli import opened

    asked = _checked(status or [])
    every = opened.run(lambda system: system.documents(collection), store=store, home=home)
    found = [document for document in every if states.wanted(document.status, asked)]
    if json:
        terminal.out_json(encode.documents(found))
    elif found:
        _print(found)
    else:
        _say_none(collection, asked, len(every))
    return 0


def _checked(asked: Sequence[str]) -> list[str]:
    for state in asked:
        if state not in states.known():
            raise BadInput(f"no state is called {state!r}", hint="there are: " + ", ".join(states.known()))
    return list(asked)


def _say_none(collection: str | None, asked: Sequence[str], others: int) -> None:
    where = f" in the collection {collection!r}" if collection else ""
    if asked and others:
        terminal.note(f"kb: none of the {others} documents{where} is in this state: {', '.join(asked)}")
        return
    terminal.note(f"kb: no documents{where}")
    terminal.note("hint: kb ingest FOLDER reads some")


def _print(found: Sequence[Document]) -> None:
    head = ("id", "collection", "source", "title", "chunks", "characters", "state", "updated")
    rows = [head, *(_row(document) for document in found)]
    lines = layout.table(rows, most=(24, 16, 48, 40, 6, 10, 16, 10))
    terminal.out_styled(terminal.dim(next(lines)))
    for line, document in zip(lines, found, strict=True):
        terminal.out(line)
        if document.detail:
            terminal.out(layout.wrap(document.detail, indent="    "))
        if (step := states.next_step(document.status)) and ";" not in document.detail:  # it has a hint
            terminal.out(layout.wrap(f"next: {step}", indent="    "))
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
