"""Which documents a deletion is about, when they are not named one by one."""

import re
import unicodedata

from sqlalchemy import ColumnElement, Connection, select

from rag.catalog.documents import DELETING
from rag.catalog.schema import documents, sources, versions
from rag.errors import BadInput, NotFound
from rag.words import CJK

_LEAST = 2  # characters of a query: one would choose nearly everything
_BESIDE_CJK = re.compile(rf"(?<=[{CJK}]) | (?=[{CJK}])")


def of_source(connection: Connection, tenant: str, name: str) -> list[str]:
    """Ids of the documents that a source brought; none for a source that has brought none yet."""
    found = _ids(connection, tenant, documents.c.origin == name)
    known = select(sources.c.name).where(sources.c.tenant == tenant).order_by(sources.c.name)
    names = list(connection.execute(known).scalars())
    if not found and name not in names:
        raise NotFound(f"no source {name!r}", hint=f"there are: {', '.join(names) or 'none'}")
    return found


def of_collection(connection: Connection, tenant: str, name: str) -> list[str]:
    """Ids of the documents of a collection; `NotFound` when it has none."""
    found = _ids(connection, tenant, documents.c.collection == name)
    if not found:
        raise NotFound(f"no documents in the collection {name!r}", hint="kb documents lists what there is")
    return found


def of_query(connection: Connection, tenant: str, query: str) -> list[str]:
    """Ids of the documents in whose text, or in an older version of it, these words stand side by side.

    Case, width and white space do not matter; a Chinese phrase is found across a line end.
    """
    wanted = folded(query)
    if len(wanted) < _LEAST:
        raise BadInput(f"{query!r} is too short to choose documents by", hint="give some words of the text")
    v, d = versions.c, documents.c
    join = versions.join(documents, (d.tenant == v.tenant) & (d.id == v.document))
    chosen = select(v.document, v.text).select_from(join).where(v.tenant == tenant, d.status != DELETING)
    rows = connection.execution_options(yield_per=64).execute(chosen)
    found = {document for document, text in rows if wanted in folded(text)}
    if not found:
        raise NotFound("no stored text holds these words", hint="they must stand side by side as given")
    return [document for document in _ids(connection, tenant, None) if document in found]


def folded(text: str) -> str:
    """Equal for texts that differ only in case, width and white space."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _BESIDE_CJK.sub("", plain)


def _ids(connection: Connection, tenant: str, where: "ColumnElement[bool] | None") -> list[str]:
    """By collection and source, as documents are listed."""
    d = documents.c
    query = select(d.id).where(d.tenant == tenant, d.status != DELETING)
    query = query if where is None else query.where(where)
    return list(connection.execute(query.order_by(d.collection, d.source, d.id)).scalars())
