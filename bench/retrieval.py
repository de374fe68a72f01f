"""Questions of the shared sets through the whole pipeline, beside plain BM25.

    python -m bench.retrieval [SET ...]

Two rulers. By the budget a passage counts within the first 4,000 characters returned (Chinese 2,500)
whatever its size; by the chunk within the first passages. Differences are paired, in 95 % intervals.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import shared
from bench.plain_bm25 import PlainBM25
from bench.results import save
from ingest.run import Order, ingest
from rag import open_system
from rag.evaluate import cases, compare, places, run, summary
from rag.evaluate.bootstrap import Figure
from rag.evaluate.types import Case, Row, Run

SETS = ("handbook_en", "docs_zh", "faq_en", "faq_zh", "multiturn_en", "wiki_zh")
EVERY = {"wiki_zh": 4}  # of so many questions one is asked
PIECES = {"en": 800, "zh": 500}  # characters of a piece of the floor
RULERS = ("chunk_hit@5", "chunk_mrr@10")
# hit@5 and MRR@10 by the chunk ruler: (the least that is promised, the aim).
PROMISED = {
    "handbook_en": ((0.64, 0.48), (0.69, 0.52)),
    "docs_zh": ((0.63, 0.50), (0.68, 0.53)),
    "faq_en": ((0.73, 0.58), (0.79, 0.63)),
    "faq_zh": ((0.52, 0.38), (0.58, 0.42)),
    "multiturn_en": ((0.96, 0.89), (0.98, 0.92)),
}
_TURNS = 2  # earlier questions that the floor is given with a follow-up: its best


async def main(names: Sequence[str]) -> None:
    """Measure each set and save the figures."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as home:
        for name in names:
            figures[name] = await _measure(name, Path(home) / name)
    save("retrieval", figures)
    _print(figures)


async def _measure(name: str, home: Path) -> dict[str, object]:
    folder = shared.folder() / name
    asked = cases.read([folder / "questions.jsonl"]).within(name).cases[:: EVERY.get(name, 1)]
    async with open_system(home=home, record=False) as system:
        await ingest(system, Order(folder / "docs", name))
        rows = [row async for row in run.rows(system, asked)]
    ours, floor = Run({}, tuple(rows)), Run({}, tuple(_floor(name, rows)))
    pairs = compare.paired(floor, ours)
    return {
        "questions": len(rows),
        "kb": _figures(ours),
        "plain_bm25": _figures(floor),
        "difference": {
            change.measure: {
                "by": round(change.difference.value, 3),
                "interval": _interval(change.difference),
            }
            for change in compare.changes(pairs)
            if change.difference and change.measure.startswith(("hit", "mrr", "chunk"))
        },
        "promised": PROMISED.get(name),
    }


def _floor(name: str, rows: Sequence[Row]) -> list[Row]:
    """The same questions answered by plain BM25, where they have gold."""
    language = "zh" if name.endswith("zh") else "en"
    plain = PlainBM25(shared.texts(name), PIECES[language], name)
    found = []
    for row in rows:
        if row.gold:
            got = plain.search(_text(row.case))
            measured = places.measures(row.gold, got, row.case.need, row.case.language)
            found.append(replace(row, found=tuple(got), measures=measured))
    return found


def _text(case: Case) -> str:
    earlier = [turn.content for turn in case.history if turn.role == "user"]
    return " ".join([*earlier[-_TURNS:], case.question])


def _figures(done: Run) -> dict[str, object]:
    group = summary.summarise(done).overall
    return {
        name: {"value": round(figure.value, 3), "interval": _interval(figure), "n": figure.n}
        for name, figure in group.figures.items()
        if not name.startswith(("latency", "errors"))
    }


def _interval(figure: Figure) -> list[float]:
    return [round(figure.low, 3), round(figure.high, 3)]


def _print(figures: dict[str, object]) -> None:
    """The chunk ruler beside what was promised, and the budget ruler beside the floor."""
    print(f"{'set':14}{'floor':>14}{'promise':>14}{'aim':>14}{'kb':>14}{'within budget':>20}")
    for name, some in figures.items():
        assert isinstance(some, dict)
        floor, ours = (_pair(some[who]) for who in ("plain_bm25", "kb"))
        promise, aim = (f"{h:.2f} / {m:.2f}" for h, m in some["promised"]) if some["promised"] else ("", "")
        change = some["difference"]["hit"]
        print(
            f"{name:14}{floor:>14}{promise:>14}{aim:>14}{ours:>14}   {change['by']:+.3f} {change['interval']}"
        )


def _pair(some: dict[str, dict[str, float]]) -> str:
    return " / ".join(f"{some[ruler]['value']:.3f}" for ruler in RULERS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or SETS))
