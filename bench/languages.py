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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rag.looks
import rag.retrieve
from bench import shared
from bench.results import save
from ingest.run import Order, ingest
from rag import glossary, open_system
from rag.catalog.chunks import Passage
from rag.errors import KBError
from rag.evaluate import cases, gold, places
from rag.evaluate.bootstrap import Figure
from rag.evaluate.refusal import auroc
from rag.evaluate.types import Case, Place
from rag.facets import Facet, Search
from rag.looks import FirstLook
from rag.rank import Ranking
from rag.system import System
from rag.types import Language, Principal, Question
from rag.words import has_cjk

DATA = Path(__file__).resolve().parents[1] / "data"
SETS = ("handbook_en", "docs_zh", "faq_en", "faq_zh")
MOST, FULL_AT = 1.5, 4.0  # the facet's weight at most; it is full where a quarter speak its language
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
    made: dict[str, object] = {}
    async with open_system(home=home) as system:
        await ingest(system, Order(DATA / "samples", "samples"))
        for file in ("samples.jsonl", "cross_language.jsonl"):
            some = cases.read([DATA / "eval" / file]).cases
            made[file] = await _before_and_after(system, some)
    return made


async def _set(home: Path, name: str) -> dict[str, object]:
    async with open_system(home=home) as system:
        await ingest(system, Order(shared.folder() / name / "docs", name))
        some = cases.read([shared.folder() / name / "questions.jsonl"]).cases
        return await _before_and_after(system, some)


async def _together(home: Path) -> dict[str, object]:
    """All sets in one tenant, and every question put to all of them."""
    made: dict[str, object] = {}
    async with open_system(home=home) as system:
        for name in SETS:
            await ingest(system, Order(shared.folder() / name / "docs", name))
        for name in SETS:
            some = cases.Cases(cases.read([shared.folder() / name / "questions.jsonl"]).cases)
            made[name] = await _before_and_after(system, some.within(name).cases)
    return made


async def _before_and_after(system: System, some: Sequence[Case]) -> dict[str, object]:
    stored = await _stored(system)
    golds = {case.id: gold.find(case, stored).places for case in some}
    before = [await _ask(system, case, golds[case.id]) for case in some]
    with _translated(system):
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


@dataclass(frozen=True, slots=True)
class _Translation(Facet):
    """The facet in the other language; its weight is found once candidates are ranked."""


class _Search(Search):
    """Remembers which language it is in, if it is a translation."""

    def __init__(self, facet: Facet, *rest: object) -> None:
        super().__init__(facet, *rest)  # type: ignore[arg-type]
        is_translation = isinstance(facet, _Translation)
        self.translation: Language | None = _language(facet.text) if is_translation else None


@contextmanager
def _translated(system: System) -> Iterator[None]:
    """Questions are searched by their translation too."""
    kept = rag.retrieve.facets, rag.retrieve.Search, rag.looks.FirstLook.at
    plain, _, look = kept

    def facets(question: Question) -> tuple[Facet, ...]:
        text = glossary.translate(question.text, system.library.view("default").sketch)
        return (*plain(question), _Translation(text)) if text else plain(question)

    def at(searches: Sequence[_Search], passages: Sequence[Passage], *rest: object) -> FirstLook:
        found = look(searches, passages, *rest)  # type: ignore[arg-type]
        language = searches[-1].translation
        if language:
            homes = system.library.view("default", fresh=False).homes
            known = [homes.get(passage.version) for passage in passages]
            theirs = np.array([home is not None and home.language == language for home in known], bool)
            searches[-1].weight = _weight(searches, found.rankings, theirs)
        return found

    rag.retrieve.facets, rag.retrieve.Search, rag.looks.FirstLook.at = facets, _Search, at  # type: ignore[assignment,method-assign,misc]
    try:
        yield
    finally:
        rag.retrieve.facets, rag.retrieve.Search, rag.looks.FirstLook.at = kept  # type: ignore[method-assign,misc]


def _weight(searches: Sequence[Search], rankings: Sequence[Ranking], theirs: np.ndarray) -> float:
    """Nothing unless the other language's passages hold more of the question than its own do."""
    if not theirs.any():
        return 0.0
    own = _held(searches[0], rankings[0].bm)
    translated = _held(searches[-1], rankings[-1].bm[theirs])
    if translated <= own:
        return 0.0
    share = min(1.0, FULL_AT * float(theirs.mean()))
    return MOST * share * translated / (own + translated)


def _held(search: Search, scores: np.ndarray) -> float:
    return float(scores.max(initial=0.0)) / (float(search.query.term_weights.sum()) or 1.0)


def _language(text: str) -> Language:
    return "zh" if has_cjk(text) else "en"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=Path, help="keeps what was ingested for the next time")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(parser.parse_args().homes or Path(folder)))
