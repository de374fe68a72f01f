"""Deciding on a deletion: from this moment no reader sees the documents, whatever happens to us."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from rag.catalog import Catalog, erasures, partitions
from rag.catalog.erasures import Begun
from rag.erase.asked import Asked
from rag.erase.made import Made, look
from rag.erase.places import PLACES
from rag.erase.probes import Rows, Secret, keyed, pack, unpack
from rag.erase.quoted import quoting
from rag.erase.signing import load_or_make
from rag.erase.windows import spread

KEPT = 24  # windows of a document for looking again
_HASH = 16  # bytes


@dataclass(frozen=True, slots=True)
class Erasure:
    """A deletion that was decided. `note` tells it without content: how it was asked for, hashes, figures.

    `made` is what was still there when it was looked at; `probes` are the keyed hashes noted at first.
    `begun` are the ids of the notes in the catalog that it finishes.
    """

    id: str = ""
    documents: tuple[str, ...] = ()
    note: Mapping[str, Any] = field(default_factory=dict)
    made: Made = field(default_factory=Made)
    probes: bytes = b""
    begun: tuple[str, ...] = ()

    def rows(self, secret: Secret) -> Rows:
        """All that can be looked for now."""
        return keyed(self.made.windows, secret) if len(self.made.windows) else unpack(self.probes)


def decide(
    catalog: Catalog, tenant: str, ids: Sequence[str], asked: Asked | None = None, home: Path | None = None
) -> Erasure:
    """Hide documents from every reader at once, withdraw what quoted them, and note that they must go.

    The note outlives the process: whoever writes next finishes what was begun (`unfinished`). Without
    `home`, there is no key: nothing is noted by which an interrupted deletion could be proved later.
    """
    secret = load_or_make(home).secret if home is not None else None
    with catalog.read() as connection:
        made = look(connection, tenant, ids, home)
        if secret is not None:
            made = replace(made, answers=quoting(connection, tenant, made, secret))
    now = time.time()
    kept = made.windows.take(spread(made.windows, KEPT))
    probes = pack(keyed(kept, secret)) if secret is not None else b""
    note = _note(made, asked or Asked(), secret, now)
    with catalog.write() as connection:
        note["answers"] = _hide(connection, tenant, made)
        begun = Begun(os.urandom(8).hex(), tuple(ids), note, probes)
        erasures.begin(connection, tenant, begun, now)
    return Erasure(begun.id, begun.documents, note, made, probes, (begun.id,))


def unfinished(catalog: Catalog, tenant: str) -> Erasure:
    """What interrupted deletions left to do; look before anything is written."""
    with catalog.read() as connection:
        begun = erasures.unfinished(connection, tenant)
        if not begun:
            return Erasure()
        ids = tuple(dict.fromkeys(document for one in begun for document in one.documents))
        made = look(connection, tenant, ids)
    probes = b"".join(one.probes for one in begun)
    known = tuple(one.id for one in begun if one.id)
    first = known[0] if known else os.urandom(8).hex()
    return Erasure(first, ids, _together([one.note for one in begun]), made, probes, known)


def _hide(connection: Connection, tenant: str, made: Made) -> int:
    """Returns how many rows were withdrawn at once."""
    erasures.hide(connection, tenant, made.documents)
    partitions.raise_rights(connection, tenant)
    return sum(place.forget(connection, tenant, made) for place in PLACES)


def _note(made: Made, asked: Asked, secret: Secret | None, now: float) -> dict[str, Any]:
    def name(text: str) -> str:
        return hashed(text, secret) if secret and text else ""

    return {
        "asked": {"kind": asked.kind, "hash": name(asked.value), "by": asked.by},
        "decided": int(now),
        "sources": [name(source) for source in made.sources],
        "versions": len(made.versions),
        "chunks": len(made.chunks),
        "files": [str(path) for path in made.files],
    }


def hashed(text: str, secret: Secret) -> str:
    """A name as receipts have it: who holds the key can tell whether it is a given one."""
    return secret.digest(text.encode("utf-8", "replace"), _HASH).hex()


def _together(notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One note for all: figures are added, lists joined; the first says how it was asked for."""
    told = [note for note in notes if note]
    found: dict[str, Any] = dict(told[0]) if told else {}
    for note in told[1:]:
        for name in ("sources", "versions", "chunks", "files", "answers"):
            found[name] = found[name] + note[name]
    return found
