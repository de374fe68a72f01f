"""What Weaviate holds of an entry, and under which id."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.features import term_id, unpack
from rag.stores import Entry
from rag.stores._weaviate_filters import exact

if TYPE_CHECKING:
    from weaviate.classes.data import DataObject

_NAMESPACE = uuid.UUID("6f0c8f5e-3d0a-5f0e-9a59-0d2c3a7b1e44")
_STATE = (1 << 62) - 1  # no chunk ever has this number
_LOW = (1 << 64) - 1
_VERSION, _VARIANT = 8 << 76, 2 << 62  # a UUID of RFC 9562's kind 8: "custom"


def object_id(tenant: str, chunk: int) -> uuid.UUID:
    """By chunk, not by key: a chunk that comes again replaces what was there, whatever its key.

    The lower half is the chunk's number, so that a search need not read properties: 2 ms instead
    of 5 for a list of 150. The upper half is a hash, since replicas are compared by leading bits.
    """
    spread = uuid.uuid5(_NAMESPACE, f"{tenant}/{chunk}").int & ~_LOW & ~(15 << 76)
    return uuid.UUID(int=spread | _VERSION | _VARIANT | chunk)


def state_id(tenant: str) -> uuid.UUID:
    """Of the object that says which change is there. Without tokens and vector it is never found."""
    return object_id(tenant, _STATE)


def chunk_of(found: uuid.UUID) -> int | None:
    """The number in an object's id; None for the state's."""
    number = found.int & ((1 << 62) - 1)
    return None if number == _STATE else number


def tokens(terms: Iterable[int]) -> str:
    """Term ids as words for a field that is split at white space.

    Hashes, as in the embedded store: every store then has the same terms by construction, and a
    tokenizer finds no case or odd space to change.
    """
    return " ".join([format(term, "x") for term in terms])


def query_tokens(terms: Iterable[str]) -> str:
    """What to search for; each term once, since Weaviate counts repeats."""
    return tokens(sorted({term_id(term) for term in terms}))


def as_object(tenant: str, entry: Entry) -> "DataObject[Any, None]":
    """The entry with its facts, texts, terms and vector."""
    from weaviate.classes.data import DataObject

    facts = entry.facts
    properties = {
        "chunk": entry.chunk,
        "version": entry.version,
        "document": exact(facts.document),
        "collection": exact(facts.collection),
        "language": exact(facts.language),
        "groups": [exact(group) for group in facts.groups],
        "updated": facts.updated,
        "source": entry.source,
        "title": entry.title,
        "heading": entry.heading,
        "text": entry.text,
        "tokens": tokens(unpack(entry.features).searchable().tolist()),
    }
    # A vector of zeros has no direction and is near to nothing: it is left out.
    vector = entry.vector.astype(np.float32).tolist() if entry.vector.any() else None
    return DataObject(properties, uuid=object_id(tenant, entry.chunk), vector=vector)


def as_state(tenant: str, seq: int) -> "DataObject[Any, None]":
    """The object that says that change `seq` is wholly there."""
    from weaviate.classes.data import DataObject

    return DataObject({"seq": seq}, uuid=state_id(tenant))
