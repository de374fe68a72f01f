"""Answers that say something of documents without showing them, as a model's prose may."""

from sqlalchemy import Connection

from rag.catalog import answers
from rag.erase.explain import explained
from rag.erase.made import Made
from rag.erase.probes import Secret, keyed
from rag.erase.scan import Scanner

_AT_ONCE = 256


def quoting(connection: Connection, tenant: str, made: Made, secret: Secret) -> tuple[str, ...]:
    """Ids of answers in which a stretch of the documents stands that nothing that stays holds."""
    rows = keyed(made.windows, secret)
    scanner = Scanner(rows, secret)
    found: dict[str, frozenset[int]] = {}
    for group in answers.bodies(connection, tenant, _AT_ONCE):
        if scanner.find("\0".join(body for _, body in group).encode("utf-8", "replace")):
            for answer, body in group:
                found[answer] = scanner.find(body.encode("utf-8", "replace"))
    every = frozenset().union(*found.values())
    foreign = every - explained(connection, rows, every, secret, made)
    return tuple(answer for answer, some in found.items() if some & foreign)
