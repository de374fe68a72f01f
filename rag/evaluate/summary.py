"""The sums of a run: figures with 95 % intervals, overall and by language, kind and collection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.evaluate import bootstrap, refusal
from rag.evaluate.bootstrap import Figure
from rag.evaluate.measures import MEANINGS, is_wrong
from rag.evaluate.places import BUDGETS
from rag.evaluate.types import Row, Run

# Figures of a whole group of questions, beside the means of `measures.MEANINGS`.
OF_GROUPS = {
    "refusal_auroc": "evidence tells what has an answer",
    "coverage_at_5": "coverage with 5 % wrong",
    "latency_p50": "time for half of them",
    "latency_p95": "time for 95 % of them",
    "errors": "could not be asked",
}
LOWER_IS_BETTER = frozenset({"latency_p50", "latency_p95", "errors"})
_BY_BUDGET = tuple(
    f"{name}@{budget}"
    for name in ("hit", "mrr", "recall", "iou")
    for budget in sorted(set().union(*BUDGETS.values()))
)
NAMES = (*MEANINGS, *_BY_BUDGET, *OF_GROUPS)


@dataclass(frozen=True, slots=True)
class Group:
    """Some questions and their figures by name (`NAMES`, and whatever else the rows measure).

    `risk_coverage` are points (share answered, share of those wrong). `cost` is in US dollars, None
    when it is not known for one of them.
    """

    questions: int
    answerable: int
    errors: int
    notes: int
    figures: Mapping[str, Figure]
    risk_coverage: tuple[tuple[float, float], ...] = ()
    tokens: int = 0
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """`by` maps `language`, `kind` and `collection` to groups by name, sorted."""

    overall: Group
    by: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)


def summarise(run: Run, *, seed: int = 0) -> Summary:
    """The sums of a run. Equal for equal rows and seed, in whatever order the rows came."""
    rows = sorted(run.rows, key=lambda row: row.case.id)
    keys: Mapping[str, Callable[[Row], str]] = {
        "language": lambda row: row.case.language,
        "kind": lambda row: row.case.kind,
        "collection": lambda row: row.collection,
    }
    by = {name: _parted(rows, key, seed) for name, key in keys.items()}
    return Summary(group(rows, seed=seed), by)


def group(rows: Sequence[Row], *, seed: int = 0) -> Group:
    """The sums of some rows."""
    asked = [row for row in rows if not row.error]
    judged = [(row.evidence, wrong) for row in asked if (wrong := is_wrong(row)) is not None]
    return Group(
        questions=len(rows),
        answerable=sum(row.case.answerable for row in rows),
        errors=len(rows) - len(asked),
        notes=sum(bool(row.note) for row in rows),
        figures=_means(asked, seed) | _of_group(rows, asked, judged),
        risk_coverage=refusal.curve([e for e, _ in judged], [wrong for _, wrong in judged]),
        tokens=sum(row.tokens for row in asked),
        cost=_cost(asked),
    )


def _parted(rows: Sequence[Row], key: Callable[[Row], str], seed: int) -> dict[str, Group]:
    """Groups by a key; none where it is empty for all."""
    names = sorted({key(row) for row in rows} - {""})
    return {name: group([row for row in rows if key(row) == name], seed=seed) for name in names}


def _means(rows: Sequence[Row], seed: int) -> dict[str, Figure]:
    found = {name for row in rows for name in row.measures}
    names = [name for name in NAMES if name in found] + sorted(found - set(NAMES))
    values = np.array([[row.measures.get(name, np.nan) for name in names] for row in rows], float)
    figures = bootstrap.means(values.reshape(len(rows), len(names)), seed=seed)
    return {name: figure for name, figure in zip(names, figures, strict=True) if figure}


def _of_group(
    rows: Sequence[Row], asked: Sequence[Row], judged: Sequence[tuple[float, bool]]
) -> dict[str, Figure]:
    seconds = [row.seconds for row in asked]
    found = {
        "refusal_auroc": refusal.auroc([r.evidence for r in asked], [r.case.answerable for r in asked]),
        "coverage_at_5": refusal.coverage([e for e, _ in judged], [wrong for _, wrong in judged]),
        "latency_p50": bootstrap.quantile(seconds, 0.5),
        "latency_p95": bootstrap.quantile(seconds, 0.95),
        "errors": bootstrap.mean([float(bool(row.error)) for row in rows]),
    }
    return {name: figure for name, figure in found.items() if figure}


def _cost(rows: Sequence[Row]) -> float | None:
    costs = [row.cost for row in rows]
    return sum(cost for cost in costs if cost is not None) if None not in costs else None
