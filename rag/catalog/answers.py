"""Answers as they were given, and which versions they quoted, so that deletion reaches them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from rag.catalog.documents import DELETING
from rag.catalog.schema import answer_sources, answers, documents
from rag.catalog.versions import parts

WITHDRAWN = "withdrawn"
_NOTHING_FOUND = {"not_found", "refused"}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer; `body` is its JSON."""

    id: str
    conversation: str
    asked: float
    question: str
    status: str
    body: dict[str, Any]


def record(
    connection: Connection, tenant: str, given: Sequence[tuple[Given, Sequence[tuple[str, str]]]]
) -> None:
    """Keep answers with the (version, document) pairs they show.

    Of an answer that shows a document deleted since, only the place is kept.
    """
    shown = {document for _, sources in given for _, document in sources}
    there = _there(connection, tenant, shown)
    kept = [(one, sources) for one, sources in given if all(d in there for _, d in sources)]
    late = [replace(one, question="", status=WITHDRAWN, body={}) for one, sources in given]
    late = [one for one in late if one.id not in {kept_one.id for kept_one, _ in kept}]
    rows = [_row(tenant, one) for one in [*(one for one, _ in kept), *late]]
    if rows:
        connection.execute(insert(answers), rows)
    pairs = [
        {"tenant": tenant, "answer": one.id, "version": version, "document": document}
        for one, sources in kept
        for version, document in sorted(set(sources))
    ]
    if pairs:
        connection.execute(insert(answer_sources), pairs)


def _there(connection: Connection, tenant: str, ids: set[str]) -> set[str]:
    """Those of the documents that are not deleted."""
    d = documents.c
    query = select(d.id).where(d.tenant == tenant, d.id.in_(ids), d.status != DELETING)
    return set(connection.execute(query).scalars())


def _row(tenant: str, given: Given) -> dict[str, object]:
    return {
        "tenant": tenant,
        "id": given.id,
        "conversation": given.conversation,
        "asked": given.asked,
        "question": given.question,
        "status": given.status,
        "body": json.dumps(given.body, ensure_ascii=False),
    }


def get(connection: Connection, tenant: str, answer: str) -> Given | None:
    """An answer by its trace id."""
    a = answers.c
    row = connection.execute(select(answers).where(a.tenant == tenant, a.id == answer)).first()
    return _given(row) if row else None


def turns(connection: Connection, tenant: str, conversation: str) -> list[Given]:
    """A conversation, oldest turn first."""
    a = answers.c
    query = select(answers).where(a.tenant == tenant, a.conversation == conversation)
    return [_given(row) for row in connection.execute(query.order_by(a.asked, a.id))]


def without_answer(connection: Connection, tenant: str) -> list[Given]:
    """Every asking that found nothing, oldest first, of questions that were not answered later.

    The same words are the same question. Questions that were withdrawn or blocked are not among them.
    """
    a = answers.c
    open_ones = select(a.question).where(a.tenant == tenant, a.status.in_(_NOTHING_FOUND))
    where = (a.tenant == tenant) & (a.status != WITHDRAWN) & a.question.in_(open_ones)
    columns = (a.id, a.conversation, a.asked, a.question, a.status)
    rows = connection.execute(select(*columns).where(where).order_by(a.asked, a.id)).all()
    newest = {row.question: row.status for row in rows}
    wanted = [row.id for row in rows if {row.status, newest[row.question]} <= _NOTHING_FOUND]
    found = given(connection, tenant, wanted)
    return [one for one in found if one.body.get("reason") != "blocked"]


def answered(connection: Connection, tenant: str) -> dict[str, list[str]]:
    """Ids of the answers that were given to each question and still stand, oldest first."""
    a = answers.c
    query = select(a.question, a.id).where(a.tenant == tenant, a.status == "answered")
    found: dict[str, list[str]] = {}
    for question, answer in connection.execute(query.order_by(a.asked, a.id)):
        found.setdefault(question, []).append(answer)
    return found


def given(connection: Connection, tenant: str, ids: Sequence[str]) -> list[Given]:
    """Answers by id, oldest first; those that are not there are left out."""
    a = answers.c
    rows: list[Any] = []
    for part in parts(ids):
        rows += connection.execute(select(answers).where(a.tenant == tenant, a.id.in_(part))).all()
    return [_given(row) for row in sorted(rows, key=lambda row: (row.asked, row.id))]


def showing(connection: Connection, tenant: str, ids: Sequence[str]) -> list[str]:
    """Ids of the answers that show one of these documents."""
    t = answer_sources.c
    found: set[str] = set()
    for part in parts(ids):
        query = select(t.answer).where(t.tenant == tenant, t.document.in_(part))
        found.update(connection.execute(query).scalars())
    return sorted(found)


def bodies(connection: Connection, tenant: str, size: int) -> Iterator[list[tuple[str, str]]]:
    """(id, JSON) of every answer that stands, `size` at a time."""
    a = answers.c
    query = select(a.id, a.body).where(a.tenant == tenant, a.status != WITHDRAWN)
    for group in connection.execution_options(yield_per=size).execute(query).partitions():
        yield [(row.id, row.body) for row in group]


def withdraw(connection: Connection, tenant: str, ids: Sequence[str], also: Sequence[str] = ()) -> int:
    """Blank every answer that shows one of these documents, and those in `also`; their places stay.

    Returns how many.
    """
    a, s = answers.c, answer_sources.c
    count = 0
    for part in parts(sorted({*showing(connection, tenant, ids), *also})):
        blank = update(answers).where(a.tenant == tenant, a.id.in_(part))
        count += connection.execute(blank.values(status=WITHDRAWN, body="{}", question="")).rowcount
        connection.execute(delete(answer_sources).where(s.tenant == tenant, s.answer.in_(part)))
    return count


def _given(row: Any) -> Given:
    return Given(row.id, row.conversation, row.asked, row.question, row.status, json.loads(row.body))
