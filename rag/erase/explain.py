"""Which stretches of what was deleted stand in something that stays, and so are no trace of it."""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from rag.erase.made import Made
from rag.erase.places import PLACES
from rag.erase.probes import Rows, Secret
from rag.erase.scan import Scanner
from rag.erase.windows import ESCAPED, UTF8, UTF16, VECTOR

_AT_ONCE = 1 << 20  # characters looked through together: a call for each short text would take longest


def explained(
    connection: Connection, rows: Rows, found: Collection[int], secret: Secret, made: Made
) -> frozenset[int]:
    """Those of the rows that stand in a document, a question or a vector that stays, of any tenant."""
    if not found:
        return frozenset()
    numbers = sorted(found)
    scanner = Scanner(rows[numbers], secret)
    forms = {int(form) for form in rows["form"][numbers]}
    seen: set[int] = set()
    for data in _staying(connection, made, forms):
        seen |= scanner.find(data)
        if len(seen) == len(numbers):
            break
    return frozenset(numbers[one] for one in seen)


def _staying(connection: Connection, made: Made, forms: set[int]) -> Iterator[bytes]:
    for place in PLACES:
        texts: list[str] = []
        size = 0
        for value in place.staying(connection, made):
            if isinstance(value, bytes):
                if VECTOR in forms:
                    yield value
                continue
            texts.append(value)
            size += len(value)
            if size > _AT_ONCE:
                yield from _forms("\0".join(texts), forms)
                texts, size = [], 0
        yield from _forms("\0".join(texts), forms)


def _forms(text: str, forms: set[int]) -> Iterator[bytes]:
    """The text as it would stand in a file."""
    if UTF8 in forms:
        yield text.encode("utf-8", "surrogatepass")
    if UTF16 in forms:
        yield text.encode("utf-16-le", "surrogatepass")
    if ESCAPED in forms:
        yield json.dumps(text).encode()
