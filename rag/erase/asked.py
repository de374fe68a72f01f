"""How a deletion was asked for."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ids", "source", "collection", "query", "prune"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`value` is the name or the words that chose the documents, empty for ids; `by` says who asked.

    `prune`: they were gone from the source or collection that `value` names.

    Only a keyed hash of `value` is ever kept.
    """

    kind: Kind = "ids"
    value: str = ""
    by: str = "operator"
