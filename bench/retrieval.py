"""How often the answer's place is within the first characters returned, beside plain BM25.

    python -m bench.retrieval [SET ...]

Whatever the size of a passage, a hit counts only within a fixed budget of returned characters:
4,000 for English, 2,500 for Chinese.
"""

import asyncio
import math
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench import shared
from bench.results import save
from bench.shared import Case, Gold
from ingest.run import Order, ingest
from rag import open_system
from rag.system import System
from rag.types import Principal, Question

BUDGETS = {"handbook_en": 4000, "docs_zh": 2500, "faq_en": 4000, "faq_zh": 2500}
FLOOR_SIZES = {"handbook_en": 800, "docs_zh": 500, "faq_en": 800, "faq_zh": 500}
Place = tuple[str, int, int]


async def main(names: Sequence[str]) -> None:
    """Measure each set and save the figures."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as home:
        async with open_system(home=Path(home)) as system:
            for name in names:
                figures[name] = await _measure(system, name)
    save("retrieval", figures)


async def _measure(system: System, name: str) -> dict[str, object]:
    await ingest(system, Order(shared.folder() / name / "docs", name))
    cases, budget = shared.cases(name), BUDGETS[name]
    language = "zh" if name.endswith("zh") else "en"
    ours, evidence = [], []
    for case in cases:
        question = Question(case.question, Principal("default"), language, collection=name, limit=20)
        found = await system.retrieve(question)
        ours.append([(hit.source, hit.start, hit.end) for hit in found.hits])
        evidence.append(found.verdict.evidence)
    plain = PlainBM25(shared.texts(name), FLOOR_SIZES[name])
    floor = [plain.search(case.question) for case in cases]
    return {
        "kb": _scores(cases, ours, budget),
        "plain_bm25": _scores(cases, floor, budget),
        "budget": budget,
        "questions": sum(case.answerable for case in cases),
        "refusal_auroc": _auroc(cases, evidence),
        "refused_of_answerable": _share_below(cases, evidence, True),
        "refused_of_unanswerable": _share_below(cases, evidence, False),
    }


def _share_below(cases: Sequence[Case], evidence: Sequence[float], answerable: bool) -> float | None:
    from rag.retrieve import UNSURE

    some = [e < UNSURE for case, e in zip(cases, evidence, strict=True) if case.answerable is answerable]
    return round(sum(some) / len(some), 3) if some else None


def _scores(cases: Sequence[Case], found: Sequence[Sequence[Place]], budget: int) -> dict[str, object]:
    ranks = [
        _rank(case.gold, places, budget) for case, places in zip(cases, found, strict=True) if case.answerable
    ]
    hits = np.array([rank is not None for rank in ranks])
    rng = np.random.default_rng(0)
    again = hits[rng.integers(0, len(hits), (2000, len(hits)))].mean(axis=1)
    return {
        "hit": round(float(hits.mean()), 3),
        "interval": [round(float(q), 3) for q in np.quantile(again, [0.025, 0.975])],
        "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
        "hit_at_5": round(sum(rank is not None and rank <= 5 for rank in ranks) / len(ranks), 3),
    }


def _rank(gold: Sequence[Gold], places: Sequence[Place], budget: int) -> int | None:
    left = budget
    for rank, (file, start, end) in enumerate(places, 1):
        end = min(end, start + left)
        if any(g.file == file and g.start < end and g.end > start for g in gold):
            return rank
        left -= end - start
        if left <= 0:
            return None
    return None


def _auroc(cases: Sequence[Case], evidence: Sequence[float]) -> float | None:
    yes = [e for case, e in zip(cases, evidence, strict=True) if case.answerable]
    no = [e for case, e in zip(cases, evidence, strict=True) if not case.answerable]
    if not no:
        return None
    pairs = sum((y > n) + 0.5 * (y == n) for y in yes for n in no)
    return round(pairs / (len(yes) * len(no)), 3)


class PlainBM25:
    """The floor: English words and Chinese pairs, fixed pieces, k1 1.2 and b .75, nothing else."""

    def __init__(self, texts: dict[str, str], size: int) -> None:
        self._places = [
            (file, start, end) for file, text in texts.items() for start, end in _pieces(text, size)
        ]
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for i, (file, start, end) in enumerate(self._places):
            counts = Counter(_tokens(file + " " + texts[file][start:end]))
            lengths.append(sum(counts.values()))
            for token, count in counts.items():
                self._postings[token].append((i, count))
        average = sum(lengths) / len(lengths)
        self._norms = [1.2 * (0.25 + 0.75 * length / average) for length in lengths]

    def search(self, question: str, limit: int = 20) -> list[Place]:
        """The best pieces."""
        scores: dict[int, float] = defaultdict(float)
        total = len(self._places)
        for token in set(_tokens(question)):
            found = self._postings.get(token, [])
            idf = math.log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
            for i, count in found:
                scores[i] += idf * count * 2.2 / (count + self._norms[i])
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [self._places[i] for i, _ in best]


def _tokens(text: str) -> list[str]:
    text = text.lower()
    found = re.findall(r"[a-z0-9_]+", text)
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return found


def _pieces(text: str, size: int) -> list[tuple[int, int]]:
    found, start = [], 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            ends = (text.rfind(mark, start + size // 2, end) for mark in ("\n", ". ", "。"))
            if (cut := max(ends)) > 0:
                end = cut + 1
        found.append((start, end))
        start = end
    return found


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or ["handbook_en", "docs_zh"]))
