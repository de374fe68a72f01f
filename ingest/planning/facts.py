"""What is held of a document besides its text: where it belongs, who may read it, when it counts.

Facts change without reading a file: they stand in the catalog's row of the document.
"""

from dataclasses import dataclass

from ingest.planning.rules import Rules
from ingest.sources import Seen
from rag.catalog.documents import Known, pack_rights

Columns = dict[str, object]


@dataclass(frozen=True, slots=True)
class Facts:
    """`ordered` and `base` count again when the folder's rules say nothing any more."""

    base: str
    collection: str
    ordered: tuple[str, ...]
    groups: tuple[str, ...]
    origin: str = ""
    owner: str = ""
    valid_from: float | None = None
    valid_until: float | None = None
    priority: int = 0

    def columns(self) -> Columns:
        """As the row of the document holds them."""
        base = self.base if self.base != self.collection else ""
        return {
            "collection": self.collection,
            "groups": pack_rights(self.groups, self.ordered, base),
            "origin": self.origin,
            "owner": self.owner,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
            "priority": self.priority,
        }

    def differing(self, known: Known) -> Columns:
        """Those columns that say something else of the document now."""
        before = of_known(known).columns()
        return {name: value for name, value in self.columns().items() if value != before[name]}


def of_known(known: Known) -> Facts:
    """The facts that a document has."""
    return Facts(
        base=known.base or known.collection,
        collection=known.collection,
        ordered=known.groups if known.ordered is None else known.ordered,
        groups=known.groups,
        origin=known.origin,
        owner=known.owner,
        valid_from=known.valid_from,
        valid_until=known.valid_until,
        priority=known.priority,
    )


def of_file(
    file: Seen,
    rules: Rules,
    known: Known | None,
    *,
    base: str,
    origin: str,
    allow: tuple[str, ...] | None,
) -> Facts:
    """The facts that a file shall have. Rights: `allow`, else its folder's rules, else its source's.

    Without any of them a document keeps the rights that were ordered for it once, and a new one is
    open to all. A folder that is named does not take a document away from its source.
    """
    ordered = allow if allow is not None else file.groups
    if ordered is None:
        ordered = of_known(known).ordered if known else ()
    ruled = rules.allow if allow is None else None
    return Facts(
        base=base,
        collection=rules.collection or base,
        ordered=tuple(sorted(ordered)),
        groups=tuple(sorted(ordered if ruled is None else ruled)),
        origin=origin or (known.origin if known else ""),
        owner=rules.owner or "",
        valid_from=rules.valid_from,
        valid_until=rules.valid_until,
        priority=rules.priority or 0,
    )
