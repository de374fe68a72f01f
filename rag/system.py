"""A system that answers: what can be asked of one catalog, and done to it."""

import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from anyio.to_thread import run_sync

from rag import erase, layout
from rag import settings as settings_module
from rag.catalog import documents as document_rows
from rag.catalog.documents import Known
from rag.erase import Receipt
from rag.errors import ConfigError, Damaged, NotFound
from rag.parts import Parts
from rag.remembered import forget
from rag.reranked import Reranked
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.types import Answer, Box, Document, Found, Hit, Message, Piece, Principal, Question, Request, Version
from rag.writer import Target, Writer, alone

_HEAL_PATIENCE = 20.0  # seconds a question waits for another's writing before it gives up


class System(Parts):
    """Everything that answers questions over one catalog. Use it as an async context manager."""

    async def ask(
        self,
        question: str | Request,
        *,
        history: Sequence[Message] = (),
        collection: str | None = None,
        limit: int | None = None,
    ) -> Answer:
        """The answer to a question. See `Answer` for what holds; raises `BadInput`, `BackendError`."""
        async with aclosing(
            self.stream(question, history=history, collection=collection, limit=limit)
        ) as stream:
            async for item in stream:
                if isinstance(item, Answer):
                    return item
        raise AssertionError("a stream ends with an answer")

    async def stream(
        self,
        question: str | Request,
        *,
        history: Sequence[Message] = (),
        collection: str | None = None,
        limit: int | None = None,
    ) -> AsyncGenerator[Piece | Answer]:
        """Pieces of text that have passed the gate, then the whole answer."""
        from rag import pipeline

        request = self._request(question, history, collection, limit)
        async with aclosing(pipeline.answer(request, self)) as stream:
            async for item in stream:
                yield item

    async def search(
        self,
        text: str,
        *,
        history: Sequence[Message] = (),
        collection: str | None = None,
        limit: int | None = None,
        principal: Principal | None = None,
    ) -> list[Hit]:
        """Passages, best first, masked for showing."""
        from rag import pipeline

        request = self._request(text, history, collection, limit)
        return await pipeline.search(replace(request, principal=principal or request.principal), self)

    async def retrieve(self, question: Question) -> Found:
        """Passages as the answerer gets them, unmasked. Heals a damaged local index once."""
        retrieve: Callable[[Question], Awaitable[Found]] = Retriever(
            self.library, self.store, self.embedder, self.closeness, self.tuning, self.glossary
        )
        if self.reranker is not None:
            retrieve = Reranked(retrieve, self.reranker)
        try:
            return await retrieve(question)
        except Damaged:
            await self.heal(question.principal.tenant)
            return await retrieve(question)

    async def documents(
        self, collection: str | None = None, *, principal: Principal | None = None
    ) -> list[Document]:
        """All documents that the principal may read."""
        who = principal or self.operator

        def read() -> list[Document]:
            with self.catalog.read() as connection:
                return document_rows.listing(connection, who.tenant, collection)

        return [document for document in await run_sync(read) if who.may_read(document.groups)]

    async def version(self, name: str, *, principal: Principal | None = None) -> Version:
        """The current text of the document with this id, version id or source; else `NotFound`."""
        who = principal or self.operator
        found = await self.find(name, principal=who)
        if found.current is None:
            raise NotFound(f"{found.source} has no text: {found.status}", hint=found.detail)
        return await run_sync(self.library.version, who.tenant, found.current)

    def record(self, question: Question, answer: Answer) -> None:
        """Keep an answer with what it shows, soon and without waiting."""
        if self.settings.record:
            self.recorder.put(question, answer)

    async def version_text(self, tenant: str, version: str) -> str:
        """The canonical text of a stored version."""
        if (held := self.library.held(tenant, version)) is not None:
            return held
        found = await run_sync(self.library.texts, tenant, [version])
        if version not in found:
            raise NotFound(f"no stored version {version}", hint="kb documents lists what there is")
        return found[version]

    async def boxes(self, tenant: str, version: str, start: int, end: int) -> tuple[Box, ...]:
        """Where a stretch of a stored text stands on its pages; empty for texts without pages."""
        return layout.within(await run_sync(self.library.layout, tenant, version), start, end)

    async def find(self, name: str, *, principal: Principal | None = None) -> Known:
        """The one document of this id, version id, source or place that the principal may read."""
        who = principal or self.operator

        def read() -> list[Known]:
            with self.catalog.read() as connection:
                return document_rows.find(connection, who.tenant, name)

        found = [known for known in await run_sync(read) if who.may_read(known.groups)]
        if not found:
            raise NotFound(f"no document {name!r}", hint="kb documents lists what there is")
        if len(found) > 1:
            ids = ", ".join(f"{known.id} ({known.collection})" for known in found)
            raise NotFound(f"{name!r} names several documents: {ids}", hint="use an id")
        return found[0]

    async def delete(
        self,
        ids: Sequence[str],
        *,
        asked: erase.Asked | None = None,
        writer: Writer | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Receipt:
        """Delete documents of the operator's tenant by id, and prove it.

        Whoever is writing already gives its `writer`. `asked` says in the receipt how it came about.
        """
        if writer is not None:
            return await self._erase(writer, await self._decide(ids, asked))
        async with self.writing(tell=tell) as alone_now:
            return await self._erase(alone_now, await self._decide(ids, asked))

    @asynccontextmanager
    async def writing(
        self,
        tenant: str | None = None,
        *,
        tell: Callable[[str], None] | None = None,
        patience: float = 86_400.0,
    ) -> AsyncIterator[Writer]:
        """The tenant's writer, alone: waits for the lock, finishes what an interrupted run left."""
        tenant = tenant or self.settings.tenant
        async with alone(self.catalog, tenant, tell=tell, patience=patience):
            writer = Writer(self.catalog, self.store, self.embedder, self._target(tenant))
            interrupted = await run_sync(erase.unfinished, self.catalog, tenant)
            await writer.open()
            await run_sync(self._drop_former_index, tenant)
            if interrupted.documents:
                await self._erase(writer, interrupted)
            yield writer

    async def heal(self, tenant: str) -> None:
        """Rebuild the tenant's index from the catalog if it must be. `Unreachable` while another writes."""
        async with self.writing(tenant, patience=_HEAL_PATIENCE) as writer:
            if await self.store.check(tenant):
                await writer.rebuild()

    async def warm(self) -> None:
        """Load what the first question would otherwise wait for."""
        await run_sync(self.embedder.query, "warm 热身")
        await run_sync(self.library.warm, self.settings.tenant)

    def _request(
        self,
        question: str | Request,
        history: Sequence[Message],
        collection: str | None,
        limit: int | None,
    ) -> Request:
        if isinstance(question, Request):
            return question
        return Request(
            question,
            history=tuple(history),
            collection=collection,
            limit=limit or self.settings.limit,
            principal=self.operator,
        )

    def _target(self, tenant: str) -> Target:
        return Target(tenant, self.settings.store, self.embedder.id, self.settings.keep_versions)

    async def _decide(self, ids: Sequence[str], asked: erase.Asked | None) -> erase.Erasure:
        decide, tenant = erase.decide, self.settings.tenant
        return await run_sync(decide, self.catalog, tenant, ids, asked, self.settings.home)

    async def _erase(self, writer: Writer, erasure: erase.Erasure) -> Receipt:
        tenant, home = writer.target.tenant, self.settings.home
        places = self.places()

        def let_go() -> int:
            return self._forget(tenant)

        return await erase.finish(self.catalog, self.store, writer, erasure, places, home, let_go)

    def _forget(self, tenant: str) -> int:
        """Let go of what this process remembers of texts; returns how many caches there were."""
        self.library.forget(tenant)
        if (closeness := self.__dict__.get("closeness")) is not None:
            closeness.forget(tenant)
        return 1 + (closeness is not None) + forget()

    def places(self) -> list[Path]:
        """Where anything is stored on this machine."""
        found = [self.settings.home]
        if database := self.catalog.engine.url.database:
            found += [Path(database + suffix) for suffix in ("", "-wal", "-shm", "-journal")]
        return found

    def _drop_former_index(self, tenant: str) -> None:
        """Files of the embedded store serve nobody once another store has taken over."""
        if self.store.name != "local":
            shutil.rmtree(self.settings.home / "index" / tenant, ignore_errors=True)


def open_system(settings: Settings | None = None, **flags: object) -> System:
    """A system of these settings; without any, of the environment and the settings files.

    >>> async with open_system(home="/var/lib/kb") as system:
    ...     answer = await system.ask("How many days of leave are there?")
    """
    if settings is not None and flags:
        raise ConfigError("give settings or single flags, not both")
    return System(settings or settings_module.load(**flags))
