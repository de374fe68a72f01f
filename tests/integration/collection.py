"""A collection, and the folder `docs` that it is filled from."""

from pathlib import Path
from typing import Any

from ingest.report import Report
from ingest.run import Order, ingest
from ingest.wall.pool import Pool
from rag import Principal
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.catalog.schema import versions
from rag.system import System
from rag.types import Found, Question

TEXT = "# Leave\n\nEvery employee has {} days of annual leave.\n"


class Kb:
    def __init__(self, system: System, pool: Pool, docs: Path) -> None:
        self.system, self.pool, self.docs = system, pool, docs

    async def ingest(self, path: Path | None = None, **order: Any) -> Report:
        return await ingest(self.system, Order(path or self.docs, "default", **order), pool=self.pool)

    def write(self, *names: str) -> None:
        for number, name in enumerate(names):
            self.put(name, TEXT.format(number))

    def put(self, name: str, text: str) -> None:
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def known(self, collection: str = "default") -> dict[str, Known]:
        with self.system.catalog.read() as connection:
            return {d.source: d for d in documents.known(connection, "default", collection)}

    def current(self, source: str, collection: str = "default") -> Any:
        with self.system.catalog.read() as connection:
            query = versions.select().where(versions.c.id == self.known(collection)[source].current)
            return connection.execute(query).one()

    async def found(self, text: str, *groups: str, collection: str | None = "default") -> Found:
        """What somebody of these groups finds; of none, the operator."""
        who = Principal("default", "someone", frozenset(groups) if groups else None)
        return await self.system.retrieve(Question(text, who, "en", collection=collection))

    async def sources(self, text: str, *groups: str, collection: str | None = "default") -> list[str]:
        return [hit.source for hit in (await self.found(text, *groups, collection=collection)).hits]
