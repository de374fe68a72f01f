"""Answers as they were given, and which versions they quoted, so that deletion reaches them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from rag.catalog.schema import answer_sources, answers

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer; `body` is its JSON."""

    id: str
    conversation: str
    asked: float
    question: str
    status: str
    body: dict[str, Any]


def record(connection: Connection, tenant: str, given: Given, sources: Sequence[tuple[str, str]]) -> None:
    """Keep an answer and the (version, document) pairs it shows."""
    connection.execute(
        insert(answers).values(
            tenant=tenant,
            id=given.id,
            conversation=given.conversation,
            asked=given.asked,
            question=given.question,
            status=given.status,
            body=json.dumps(given.body, ensure_ascii=False),
        )
    )
    rows = [
        {"tenant": tenant, "answer": given.id, "version": version, "document": document}
        for version, document in sorted(set(sources))
    ]
    if rows:
        connection.execute(insert(answer_sources), rows)


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


def withdraw(connection: Connection, tenant: str, documents: Sequence[str]) -> int:
    """Blank every answer that shows one of these documents; its place stays. Returns how many."""
    a, s = answers.c, answer_sources.c
    shown = select(s.answer).where(s.tenant == tenant, s.document.in_(documents))
    done = connection.execute(
        update(answers)
        .where(a.tenant == tenant, a.id.in_(shown))
        .values(status=WITHDRAWN, body="{}", question="")
    )
    connection.execute(delete(answer_sources).where(s.tenant == tenant, s.document.in_(documents)))
    return done.rowcount


def _given(row: Any) -> Given:
    return Given(row.id, row.conversation, row.asked, row.question, row.status, json.loads(row.body))
