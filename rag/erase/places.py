"""Every table in which something of a document comes to rest, and what an erasure does to it.

A new table joins with one line in `PLACES`; a test fails for a column that can hold text and is
neither here nor in `CONTENT_FREE`. Stores and files are read back by `readback` and `scan`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select, update

from rag.catalog import answers as answer_rows
from rag.catalog.schema import answer_sources, answers, chunks, documents, sources, vectors, versions
from rag.catalog.versions import parts
from rag.erase.made import Made

_NOTHING = "{}"
# Columns that can hold text and hold none of a document's, and why. `*` stands for every table.
CONTENT_FREE = {
    "*.tenant": "the operator's name for a tenant",
    "*.collection": "the operator's name for a collection",
    "*.embedder": "the name of a model",
    "partitions.store": "an address",
    "partitions.sketch": "how many passages hold each hashed word; counted anew without what goes",
    "collections.name": "the operator's name for a collection",
    "receipts.document": "a number; rows of before 0.2",
    "receipts.body": "figures; rows of before 0.2",
    "sources.name": "the operator's name for a source",
    "sources.url": "the operator's address of a source",
    "sources.options": "the operator's options of a source",
    "erasures.id": "a random number",
    "erasures.body": "the receipt: numbers, figures and keyed hashes",
    "erasures.probes": "keyed hashes",
}


class Place(Protocol):
    """A table, or two that belong together. Called with what goes; counts are rows."""

    @property
    def name(self) -> str:
        """As receipts call it."""
        ...

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """The columns that it answers for."""
        ...

    def forget(self, connection: Connection, tenant: str, made: Made) -> int:
        """Let go, in the transaction that hides the documents; what the writer's next step removes stays."""
        ...

    def left(self, connection: Connection, tenant: str, made: Made) -> int:
        """Rows that are still there afterwards."""
        ...

    def staying(self, connection: Connection, made: Made) -> Iterator[str | bytes]:
        """What stays of all tenants and may hold the same words, or the same vector."""
        ...


@dataclass(frozen=True)
class Removed:
    """A table whose rows the writer's next step removes, once the store has let go of them.

    Its rows are known by `key`, whose values `goes` takes from what is made of the documents.
    `others` are the columns by which rows that stay explain a stretch that is found.
    """

    table: Table
    key: str
    goes: Callable[[Made], Sequence[str] | Sequence[bytes]]
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> Sequence[Column[Any]]:
        return list(self.table.c)

    def forget(self, connection: Connection, tenant: str, made: Made) -> int:
        return 0

    def left(self, connection: Connection, tenant: str, made: Made) -> int:
        t = self.table.c
        counts = [
            connection.execute(
                select(func.count()).select_from(self.table).where(t.tenant == tenant, t[self.key].in_(part))
            ).scalar()
            for part in parts(self.goes(made))
        ]
        return sum(int(count or 0) for count in counts)

    def staying(self, connection: Connection, made: Made) -> Iterator[str | bytes]:
        if not self.others:
            return
        gone = set(self.goes(made))
        query = select(self.table.c[self.key], *(self.table.c[name] for name in self.others))
        for key, *values in connection.execution_options(yield_per=64).execute(query):
            if key not in gone:
                yield from (value for value in values if value)


class Vectors(Removed):
    """Vectors belong to texts; one that another passage shares stays."""

    def left(self, connection: Connection, tenant: str, made: Made) -> int:
        query = select(vectors.c.text_hash).where(vectors.c.tenant == tenant)
        rows = connection.execution_options(yield_per=1000).execute(query).scalars()
        return sum(bytes(text) in made.alone for text in rows)

    def staying(self, connection: Connection, made: Made) -> Iterator[str | bytes]:
        x = vectors.c
        for row in connection.execution_options(yield_per=64).execute(select(x.text_hash, x.vector)):
            if bytes(row.text_hash) not in made.alone:
                yield bytes(row.vector)


class Answers:
    """Answers keep their place; the text of one that shows or says something of a document goes.

    A question is the asker's own words: it goes only with an answer that showed the document.
    """

    name = "answers"
    columns = (*answers.c, *answer_sources.c)

    def forget(self, connection: Connection, tenant: str, made: Made) -> int:
        return answer_rows.withdraw(connection, tenant, made.documents, made.answers)

    def left(self, connection: Connection, tenant: str, made: Made) -> int:
        return len(answer_rows.showing(connection, tenant, made.documents))

    def staying(self, connection: Connection, made: Made) -> Iterator[str | bytes]:
        """Where nothing goes, what answers say came from documents that were there later."""
        columns = (answers.c.question,) if made.documents else (answers.c.question, answers.c.body)
        for row in connection.execution_options(yield_per=64).execute(select(*columns)):
            yield from row


class Sources:
    """What a source remembers of its files, names among it: the next sync looks at all of them anew."""

    name = "sources"
    columns = (sources.c.state, sources.c.report)

    def forget(self, connection: Connection, tenant: str, made: Made) -> int:
        blank = {"state": _NOTHING, "report": _NOTHING}
        connection.execute(update(sources).where(self._of(tenant, made)).values(**blank))
        return 0

    def left(self, connection: Connection, tenant: str, made: Made) -> int:
        s = sources.c
        query = select(s.name).where(self._of(tenant, made), (s.state != _NOTHING) | (s.report != _NOTHING))
        return len(connection.execute(query).all())

    def staying(self, connection: Connection, made: Made) -> Iterator[str | bytes]:
        yield from connection.execute(select(sources.c.url)).scalars()

    def _of(self, tenant: str, made: Made) -> ColumnElement[bool]:
        return (sources.c.tenant == tenant) & sources.c.name.in_(made.origins)


PLACES: tuple[Place, ...] = (
    Removed(documents, "id", lambda made: made.documents, ("source", "place", "detail")),
    Removed(versions, "id", lambda made: made.versions, ("text", "title", "source", "report")),
    Removed(chunks, "version", lambda made: made.versions),
    Vectors(vectors, "text_hash", lambda made: sorted(made.texts)),
    Answers(),
    Sources(),
)
