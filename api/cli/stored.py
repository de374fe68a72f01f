"""Finding a stored version of a document by its number or its id."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.errors import NotFound

if TYPE_CHECKING:
    from rag.catalog.versions import Stored
    from rag.system import System


def versions_of(system: "System", document: str) -> "list[Stored]":
    """Every stored version, newest first. Reads the catalog."""
    from rag.catalog import versions

    with system.catalog.read() as connection:
        return versions.stored(connection, system.settings.tenant, document)


def named(name: str, kept: "Sequence[Stored]") -> "Stored":
    """The version with this number or id; `NotFound` names those that there are."""
    for one in kept:
        if name in (one.id, str(one.number)):
            return one
    numbers = ", ".join(str(one.number) for one in kept) or "none"
    raise NotFound(f"there is no stored version {name} of it", hint=f"stored are: {numbers}")
