"""Removing documents whose files are gone, and the guard before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.planning.work import Work
from rag.catalog.documents import Known
from rag.errors import BadInput

FEW = 10  # documents; a collection of so few may lose any share of them, but not all at once
SHARE = 5  # more than one in so many needs a yes


@dataclass(frozen=True, slots=True)
class Loss:
    """What a prune would remove of how many documents, and from where they are gone."""

    gone: Sequence[Known]
    of: int
    collection: str
    source: str


Agree = Callable[[Loss], bool]


def check(work: Work, agree: Agree | None) -> None:
    """`BadInput` unless the prune is small, ordered for sure, or agreed to.

    A disk that is not mounted looks like a folder whose files are gone.
    """
    order, missing = work.order, work.plan.missing
    if not order.prune or order.sure or order.dry_run or not missing:
        return
    held = _held(work)
    is_great = held > FEW and len(missing) * SHARE > held
    if not is_great and work.selected.walked.files:
        return
    loss = Loss(missing, held, order.collection, order.shown)
    if agree is None or not agree(loss):
        raise BadInput(
            f"--prune would remove {len(missing)} of the {held} documents of {order.collection}",
            hint=f"check that {order.shown} is complete; --yes removes them",
        )


def _held(work: Work) -> int:
    """Documents that could be missing: of the collection, or of the source alone."""
    if not work.order.origin:
        return len(work.known)
    return sum(document.origin == work.order.origin for document in work.known)
