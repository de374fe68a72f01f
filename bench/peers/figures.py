"""The rulers, and intervals by the bootstrap (Efron 1979), paired where two systems are compared.

- Chunk ruler: `hit_at_5`, `mrr_at_10`. A passage hits if it overlaps a gold place. It favours long
  passages, so the characters of the first five are told beside it.
- Budget ruler: `hit_in_N`, `mrr_in_N`. Only the first N characters returned count; a passage that
  reaches over the end is cut there. Characters returned twice count twice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.peers.job import Place
from bench.shared import Gold

RESAMPLES = 2000
Values = NDArray[np.float64]  # one a question
Interval = tuple[float, float]


def measure(
    golds: Sequence[Sequence[Gold]], found: Sequence[Sequence[Place]], budgets: Sequence[int]
) -> dict[str, Values]:
    """Every measure by its name, one value a question."""
    pairs = list(zip(golds, found, strict=True))
    chunks = [rank(gold, places[:10]) for gold, places in pairs]
    values = {
        "hit_at_5": _values([float(at is not None and at <= 5) for at in chunks]),
        "mrr_at_10": _values([1 / at if at else 0.0 for at in chunks]),
    }
    for budget in budgets:
        within = [rank(gold, cut(places, budget)) for gold, places in pairs]
        values[f"hit_in_{budget}"] = _values([float(at is not None) for at in within])
        values[f"mrr_in_{budget}"] = _values([1 / at if at else 0.0 for at in within])
    return values


def rank(gold: Sequence[Gold], places: Sequence[Place]) -> int | None:
    """The 1-based rank of the first place that overlaps a gold."""
    for at, (file, start, end) in enumerate(places, 1):
        if any(g.file == file and g.start < end and g.end > start for g in gold):
            return at
    return None


def cut(places: Sequence[Place], budget: int) -> list[Place]:
    """The places within the first `budget` characters, the last of them shortened."""
    kept: list[Place] = []
    for file, start, end in places:
        if budget <= 0:
            break
        kept.append((file, start, min(end, start + budget)))
        budget -= end - start
    return kept


def characters(found: Sequence[Sequence[Place]], first: int = 5) -> float:
    """The mean number of characters of the first places of a question."""
    return float(np.mean([sum(end - start for _, start, end in places[:first]) for places in found]))


def interval(values: Values) -> Interval:
    """The 95 % interval of the mean."""
    picks = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def difference(ours: Values, theirs: Values) -> tuple[float, Interval]:
    """The mean of ours − theirs and its 95 % interval; the questions are the same, in the same order."""
    gaps = ours - theirs
    return float(gaps.mean()), interval(gaps)


def _values(numbers: Sequence[float]) -> Values:
    return np.array(numbers, np.float64)
