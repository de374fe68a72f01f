"""What became of a question, as the groups of a report."""

from collections.abc import Sequence
from typing import Literal, get_args

from rag.evaluate.types import Row

Outcome = Literal[
    "could not be asked",
    "wrong answers",
    "refused though answerable",
    "answered though unanswerable",
    "answered, without a gold place to judge by",
    "right",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)  # what needs a look first


def outcome(row: Row) -> Outcome:
    """The one group of a row. An answer is right when it cites a gold place."""
    answered = row.status == "answered"
    if row.error:
        return "could not be asked"
    if not row.case.answerable:
        return "answered though unanswerable" if answered else "right"
    if not answered:
        return "refused though answerable"
    if "correct" not in row.measures:
        return "answered, without a gold place to judge by"
    return "right" if row.measures["correct"] else "wrong answers"


def grouped(rows: Sequence[Row]) -> dict[Outcome, list[Row]]:
    """The rows of each group that has some: least like the gold answer first, then most evidence."""
    groups: dict[Outcome, list[Row]] = {name: [] for name in OUTCOMES}
    for row in rows:
        groups[outcome(row)].append(row)
    return {name: sorted(held, key=_order) for name, held in groups.items() if held}


def _order(row: Row) -> tuple[float, float, str]:
    return row.measures.get("answer_recall", 0.0), -row.evidence, row.case.id
