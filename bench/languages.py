"""Questions in the other language than their documents, with the glossary and without it.

    python -m bench.languages [--homes FOLDER]

Hit and MRR within the budget of `rag.evaluate.places`, by kind, on the samples; then on sets of one
language, where a translation must change nothing. The glossary enters as one more facet: here it is
put in from outside, with the rule that docs/languages.md describes. Last, all sets in one tenant.
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import shared
from bench.results import save
from ingest.run import Order, ingest
from rag import open_system
from rag.errors import KBError
from rag.evaluate import cases, gold, places
from rag.evaluate.bootstrap import Figure
from rag.evaluate.refusal import auroc
from rag.evaluate.types import Case, Place
from rag.system import System
from rag.types import Principal, Question

DATA = Path(__file__).resolve().parents[1] / "data"
SETS = ("handbook_en", "docs_zh", "faq_en", "faq_zh")
HITS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with the rank of its gold; None when it was not found."""

    case: Case
    rank: int | None
    evidence: float


async def main(homes: Path) -> None:
    """Measure and save."""
    figures: dict[str, object] = {"samples": await _samples(homes / "samples")}
    for name in SETS:
        figures[name] = await _set(homes / name, name)
    figures["in one tenant"] = await _together(homes / "all")
    save("languages", figures)


async def _samples(home: Path) -> dict[str, object]:
    async with open_system(home=home) as system:
        await ingest(system, Order(DATA / "samples", "samples"))
    files = ("samples.jsonl", "cross_language.jsonl")
    return {file: await _before_and_after(home, cases.read([DATA / "eval" / file]).cases) for file in files}


async def _set(home: Path, name: str) -> dict[str, object]:
    async with open_system(home=home) as system:
        await ingest(system, Order(shared.folder() / name / "docs", name))
    return await _before_and_after(home, cases.read([shared.folder() / name / "questions.jsonl"]).cases)


async def _together(home: Path) -> dict[str, object]:
    """All sets in one tenant, and every question put to all of them."""
    made: dict[str, object] = {}
    async with open_system(home=home) as system:
        for name in SETS:
            await ingest(system, Order(shared.folder() / name / "docs", name))
    for name in SETS:
        some = cases.read([shared.folder() / name / "questions.jsonl"])
        made[name] = await _before_and_after(home, some.within(name).cases)
    return made


async def _before_and_after(home: Path, some: Sequence[Case]) -> dict[str, object]:
    async with open_system(home=home, glossary="off") as system:
        stored = await _stored(system)
        golds = {case.id: gold.find(case, stored).places for case in some}
        before = [await _ask(system, case, golds[case.id]) for case in some]
    async with open_system(home=home) as system:
        after = [await _ask(system, case, golds[case.id]) for case in some]
    # Questions whose document no loader reads yet are left out, those that nothing answers stay.
    kept = [i for i, case in enumerate(some) if golds[case.id] or not case.answerable]
    return {
        "left out": len(some) - len(kept),
        "before": _by_kind([before[i] for i in kept]),
        "after": _by_kind([after[i] for i in kept]),
    }


async def _stored(system: System) -> list[gold.Stored]:
    found = []
    for document in await system.documents():
        try:
            version = await system.version(document.id)
        except KBError:  # it has no text: a scan, or protected by a password
            continue
        found.append(gold.Stored(document.source, document.collection, version.text))
    return found


async def _ask(system: System, case: Case, golds: Sequence[Place]) -> Asked:
    who = Principal("default")
    found = await system.retrieve(Question(case.question, who, case.language, case.history, limit=HITS))
    hits = [Place(hit.source, hit.start, hit.end, hit.collection) for hit in found.hits]
    rank = places.rank(golds, places.within(hits, places.MAIN[case.language]))
    return Asked(case, rank, found.verdict.evidence)


def _by_kind(asked: Sequence[Asked]) -> dict[str, object]:
    kinds: dict[str, list[int | None]] = defaultdict(list)
    for one in asked:
        if one.case.answerable:
            kinds[one.case.kind or "all"].append(one.rank)
            if one.case.kind not in ("", "cross-language"):
                kinds["all but cross-language"].append(one.rank)
    made: dict[str, object] = {kind: _figures(ranks) for kind, ranks in sorted(kinds.items())}
    found = auroc([one.evidence for one in asked], [one.case.answerable for one in asked])
    return made | {"evidence AUROC": _value(found)}


def _figures(ranks: Sequence[int | None]) -> dict[str, float]:
    hit = np.mean([rank is not None for rank in ranks])
    mrr = np.mean([1 / rank if rank else 0.0 for rank in ranks])
    return {"n": len(ranks), "hit": round(float(hit), 3), "mrr": round(float(mrr), 3)}


def _value(found: Figure | None) -> float | None:
    return round(found.value, 3) if found else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=Path, help="keeps what was ingested for the next time")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(parser.parse_args().homes or Path(folder)))
