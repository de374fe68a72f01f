"""Passages against gold places, under two rulers.

The budget ruler counts the characters that a reader is given, best passage first; the passage in
which the budget ends counts as far as it reaches. So a system gains nothing by longer passages. The
chunk ruler counts passages, as most published figures do.
"""

import math
from collections.abc import Mapping, Sequence

from rag.evaluate.types import Need, Place
from rag.types import Language

BUDGETS: Mapping[Language, tuple[int, ...]] = {"en": (1000, 2000, 4000), "zh": (1000, 2000, 2500, 4000)}
MAIN: Mapping[Language, int] = {"en": 4000, "zh": 2500}
CUTS = (1, 5, 10)
DEEPEST = 10  # passages that MRR and nDCG look at by the chunk ruler


def overlap(one: Place, other: Place) -> int:
    """Characters that both hold."""
    if (one.source, one.collection) != (other.source, other.collection):
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def within(found: Sequence[Place], budget: int) -> list[Place]:
    """The passages of the first `budget` characters, the last one cut."""
    kept = []
    for place in found:
        if budget <= 0:
            break
        end = min(place.end, place.start + budget)
        kept.append(Place(place.source, place.start, end, place.collection))
        budget -= end - place.start
    return kept


def rank(gold: Sequence[Place], found: Sequence[Place]) -> int | None:
    """The 1-based rank of the first passage that overlaps a gold place."""
    for number, place in enumerate(found, 1):
        if any(overlap(place, one) for one in gold):
            return number
    return None


def covered(place: Place, found: Sequence[Place]) -> int:
    """Characters of a place that some passage holds; none counts twice."""
    inside = [(max(one.start, place.start), min(one.end, place.end)) for one in found if overlap(one, place)]
    return length(inside)


def length(spans: Sequence[tuple[int, int]]) -> int:
    """Characters within any of the spans."""
    total, reached = 0, -1
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def recall(gold: Sequence[Place], found: Sequence[Place], need: Need) -> float:
    """Share of the gold characters found: of the best gold where any suffices, else of all together."""
    held = [(covered(one, found), one.end - one.start) for one in gold]
    if need == "any":
        return max(some / size for some, size in held)
    return sum(some for some, _ in held) / sum(size for _, size in held)


def iou(gold: Sequence[Place], found: Sequence[Place]) -> float:
    """Intersection over union of the gold characters and those found (Smith and Troynikov 2024)."""
    common = sum(covered(one, found) for one in _merged(gold))
    return common / (_size(gold) + _size(found) - common)


def ndcg(gold: Sequence[Place], found: Sequence[Place]) -> float:
    """nDCG@10: each gold gains once, at the rank of the first passage that reaches it.

    The ideal has one gold at each rank, so a passage that holds two golds loses nothing.
    """
    ranks = [rank((one,), found[:DEEPEST]) for one in gold]
    gained = sum(1 / math.log2(1 + at) for at in ranks if at)
    ideal = sum(1 / math.log2(1 + at) for at in range(1, min(len(gold), DEEPEST) + 1))
    return min(1.0, gained / ideal)


def measures(
    gold: Sequence[Place], found: Sequence[Place], need: Need, language: Language
) -> dict[str, float]:
    """Every measure of retrieval for one question that has gold places."""
    made = {"ndcg@10": ndcg(gold, found)} | _by_chunk(gold, found)
    if need == "all":
        made["golds"] = sum(bool(covered(one, within(found, MAIN[language]))) for one in gold) / len(gold)
    for budget in BUDGETS[language]:
        at_budget = _by_budget(gold, within(found, budget), need)
        made |= {f"{name}@{budget}": value for name, value in at_budget.items()}
        if budget == MAIN[language]:
            made |= at_budget
    return made


def _by_budget(gold: Sequence[Place], found: Sequence[Place], need: Need) -> dict[str, float]:
    at = rank(gold, found)
    return {
        "hit": float(at is not None),
        "mrr": 1 / at if at else 0.0,
        "recall": recall(gold, found, need),
        "iou": iou(gold, found),
    }


def _by_chunk(gold: Sequence[Place], found: Sequence[Place]) -> dict[str, float]:
    at = rank(gold, found[:DEEPEST])
    hits = {f"chunk_hit@{cut}": float(at is not None and at <= cut) for cut in CUTS}
    return hits | {"chunk_mrr@10": 1 / at if at else 0.0}


def _merged(places: Sequence[Place]) -> list[Place]:
    """The same characters in places that do not overlap."""
    merged: list[Place] = []
    for place in sorted(places, key=lambda one: (one.collection, one.source, one.start)):
        if merged and overlap(merged[-1], place):
            last = merged.pop()
            place = Place(last.source, last.start, max(last.end, place.end), last.collection)
        merged.append(place)
    return merged


def _size(places: Sequence[Place]) -> int:
    return sum(place.end - place.start for place in _merged(places))
