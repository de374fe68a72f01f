"""The composition root: settings in, the parts of a system out."""

import os
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from anyio.to_thread import run_sync

from rag.catalog import Catalog, open_catalog
from rag.closeness import Closeness
from rag.embedders import Embedder, WordEmbedder
from rag.glossary import Glossary
from rag.glossary import builtin as builtin_glossary
from rag.glossary import load as load_glossary
from rag.hooks import Hooks
from rag.library import Library
from rag.models import Model
from rag.plugins import load
from rag.recorder import Recorder
from rag.rerankers import Reranker
from rag.settings import Settings
from rag.stores import Store
from rag.types import Principal
from rag.weights import Tuning
from rag.weights import load as load_tuning


class Parts:
    """Each part is made when it is first needed, so that a command pays only for what it uses."""

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
