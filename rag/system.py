"""The composition root: settings in, a system that answers out."""

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from anyio.to_thread import run_sync

from rag import erase, layout
from rag import settings as settings_module
from rag.catalog import Catalog, open_catalog
from rag.catalog import documents as document_rows
from rag.catalog.documents import Known
from rag.closeness import Closeness
from rag.embedders import Embedder, WordEmbedder
from rag.erase import Receipt
from rag.errors import ConfigError, Damaged, NotFound
from rag.glossary import Glossary
from rag.glossary import builtin as builtin_glossary
from rag.glossary import load as load_glossary
from rag.hooks import Hooks
from rag.library import Library
from rag.models import Model
from rag.plugins import load
from rag.recorder import Recorder
from rag.remembered import forget
from rag.reranked import Reranked
from rag.rerankers import Reranker
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.stores import Store
from rag.types import Answer, Box, Document, Found, Hit, Message, Piece, Principal, Question, Request, Version
from rag.weights import Tuning
from rag.weights import load as load_tuning
from rag.writer import Target, Writer, alone

_HEAL_PATIENCE = 20.0  # seconds a question waits for another's writing before it gives up


class System:
    """Everything that answers questions over one catalog. Use it as an async context manager.

    Parts are made when they are first needed, so that a command pays only for what it uses.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def hooks(self) -> Hooks:
        hooks = Hooks()
        hooks.load_installed()
        return hooks

    @cached_property
    def catalog(self) -> Catalog:
        return open_catalog(self.settings)

    @cached_property
    def store(self) -> Store:
        url = self.settings.store
        name = urlsplit(url).scheme or url
        store: Store = load("stores", name.split("+")[0]).connect(url, self.settings)
        return store

    @cached_property
    def embedder(self) -> Embedder:
        name, _, rest = self.settings.embedder.partition(":")
        embedder: Embedder = load("embedders", name).connect(rest, self.settings)
        return embedder

    @cached_property
    def reranker(self) -> Reranker | None:
        name, _, rest = self.settings.reranker.partition(":")
        if not name:
            return None
        reranker: Reranker = load("rerankers", name).connect(rest, self.settings)
        return reranker

    @cached_property
    def model(self) -> Model | None:
        return self.connect_model(self.settings.model) if self.settings.model else None

    def connect_model(self, model: str) -> Model:
        """A model by `provider:name`, with the settings of this system; whoever asks for it closes it."""
        name, _, rest = model.partition(":")
        connected: Model = load("models", name).connect(rest, self.settings)
        return connected

    @cached_property
    def library(self) -> Library:
        return Library(self.catalog)

    @cached_property
    def closeness(self) -> Closeness | None:
        """The close look at the best passages, where the embedder is quick enough for it."""
        return Closeness(self.embedder) if isinstance(self.embedder, WordEmbedder) else None

    @cached_property
    def glossary(self) -> Glossary | None:
        """The words of each language in the other; those of the settings over the built-in ones."""
        named = self.settings.glossary.strip()
        if named == "off":
            return None
        own = [Path(one).expanduser() for one in named.split(os.pathsep) if one]
        return load_glossary(own) if own else builtin_glossary()

    @cached_property
    def tuning(self) -> Tuning:
        return load_tuning(self.settings.home)

    @cached_property
    def recorder(self) -> Recorder:
        return Recorder(self.catalog)

    @cached_property
    def operator(self) -> Principal:
        """Who sits at this machine: may read everything of the tenant."""
        return Principal(self.settings.tenant)

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

    async def close(self) -> None:
        """Store what waits, close connections."""
        made = self.__dict__
        if "recorder" in made:
            await run_sync(self.recorder.close)
        if (model := made.get("model")) is not None:
            await model.close()
        if (reranker := made.get("reranker")) is not None:
            await reranker.close()
        if "store" in made:
            await self.store.close()
        if "catalog" in made:
            self.catalog.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

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
