"""From a cluster of unanswered questions to an answer that is read, cited and measured like any other."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import run_sync

from ingest import faq
from ingest.faq import Entry
from ingest.report import Report
from ingest.run import Order, ingest
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.system import System
from rag.types import Answer, Principal, Request
from rag.unanswered import AGAIN, Cluster, Wording

MOST_ASKED_AGAIN = 200  # wordings of one cluster


@dataclass(frozen=True, slots=True)
class Asked:
    """A wording that was asked again: whether it has an answer now, and whether the entry gave it."""

    question: str
    answered: bool
    by_entry: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What happened to an entry. `asked` is empty when the file could not be read."""

    path: Path
    collection: str
    is_new: bool
    entry: Entry
    report: Report
    asked: tuple[Asked, ...] = ()


async def publish(
    system: System,
    cluster: Cluster,
    entry: Entry,
    path: Path,
    collection: str,
    *,
    groups: tuple[str, ...] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Published:
    """Write the entry, ingest its file by the ordinary way, and ask the cluster's questions again.

    `groups` may read the document; None leaves its rights as they are (a new one is open to all).
    Doing it again with the same question puts the new answer in place of the old one.
    """
    is_new = await run_sync(faq.write, path, entry)
    report = await ingest(system, Order(path, collection, groups), tell=tell)
    if report.failed:
        return Published(path, collection, is_new, entry, report)
    document = await _document(system, path, collection)
    principal = Principal(system.settings.tenant, "faq", frozenset(document.groups))
    asked = [await _again(system, one, principal, document.id) for one in cluster.wordings[:MOST_ASKED_AGAIN]]
    return Published(path, collection, is_new, entry, report, tuple(asked))


async def _document(system: System, path: Path, collection: str) -> Known:
    """The file's document. The same file may stand in several collections."""

    def read() -> list[Known]:
        with system.catalog.read() as connection:
            return documents.find(connection, system.settings.tenant, os.path.realpath(path), collection)

    return (await run_sync(read))[0]


async def _again(system: System, one: Wording, reader: Principal, document: str) -> Asked:
    """Asked by somebody who may read the entry and what is open to all: no more than others see."""
    request = Request(one.text, history=one.history, principal=reader, conversation=AGAIN)
    answer: Answer = await system.ask(request)
    by_entry = any(citation.document == document for citation in answer.citations)
    return Asked(one.text, answer.status == "answered", by_entry)
