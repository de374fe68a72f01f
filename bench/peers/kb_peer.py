"""`kb` through its public Python API, as it comes, in the environment of the project."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from bench.peers.job import Ask, Job, Place, Search, serve


def variants(language: str) -> tuple[str, ...]:
    """The ways in which it is run on a set of this language."""
    return ("default",)


def build(texts: Mapping[str, str], job: Job) -> Search:
    """A home on disk, in a folder that goes with the process."""
    from ingest.run import Order, ingest
    from rag import open_system
    from rag.types import Message, Principal, Question

    folder = tempfile.TemporaryDirectory()
    documents = Path(folder.name) / "docs"
    _copy(texts, documents)
    runner = asyncio.Runner()
    opening = open_system(home=Path(folder.name) / "home")
    system = runner.run(opening.__aenter__())
    runner.run(ingest(system, Order(documents, job.set)))
    runner.run(system.warm())
    language: Literal["en", "zh"] = "zh" if job.language == "zh" else "en"

    def search(ask: Ask, held: object = (folder, opening)) -> list[Place]:
        turns = tuple(Message("user" if role == "user" else "assistant", text) for role, text in ask.history)
        principal = Principal("default")
        question = Question(ask.text, principal, language, turns, collection=job.set, limit=job.limit)
        found = runner.run(system.retrieve(question))
        return [(hit.source, hit.start, hit.end) for hit in found.hits]

    return search


def _copy(texts: Mapping[str, str], folder: Path) -> None:
    for file, text in texts.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


if __name__ == "__main__":
    serve(build)
