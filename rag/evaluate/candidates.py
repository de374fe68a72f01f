"""A question's candidates, kept so that they can be ranked again and again under other weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from anyio.to_thread import run_sync
from numpy.typing import NDArray

from rag.catalog.chunks import Home, Passage
from rag.closeness import Closeness, Looked
from rag.evaluate.types import Place
from rag.facets import Search, facets
from rag.library import View
from rag.looks import FirstLook, SecondLook
from rag.rank import Near, Ranking, over
from rag.retrieve import CANDIDATES, LOOKED, condition
from rag.stores import Query
from rag.system import System
from rag.types import Question
from rag.verdict import grounds
from rag.weights import Weights

Floats = NDArray[np.float32]

# Parts of a score, in the order of the last axis. The first three count as they are, the others
# over their maximum among the candidates that are looked at.
PARTS = ("keywords", "phrases", "coverage", "vector", "rare", "heading", "sentence")


@dataclass(frozen=True)
class Candidates:
    """What the stores gave for a question, at one moment. `texts` and `read` stand in one order."""

    question: Question
    view: View
    searches: Sequence[Search]
    read: Sequence[tuple[Passage, Home]]
    texts: Sequence[str]
    closeness: Closeness | None

    @cached_property
    def parts(self) -> Floats:
        """(searches, candidates, `PARTS`)."""
        first = self._first(Weights())
        looked = self._looked(range(len(self.read)))
        if looked is None:
            near = [Near(one.vector, one.vector, one.vector) for one in first.rankings]
        else:
            near = [looked.near(search.mean, search.rare) for search in self.searches]
        return np.stack([_parts(*one) for one in zip(first.rankings, near, strict=True)])

    @property
    def counts(self) -> list[float]:
        """How much the ranking of each search counts."""
        return list(self._first(Weights()).counts)

    @property
    def looked(self) -> int:
        """How many are looked at a second time."""
        return max(LOOKED, self.question.limit)

    def places(self) -> list[Place]:
        """Where the candidates stand."""
        return [Place(home.source, one.start, one.end, home.collection) for one, home in self.read]

    def raw(self, weights: Weights) -> float | None:
        """The sum of evidence as the retriever has it under these weights; None without candidates."""
        if not self.read:
            return None
        first = self._first(weights)
        best = first.order[: self.looked]
        second = SecondLook.at(first, best, self._looked(best.tolist()), weights)
        found = grounds(self.question, second, self.read)
        return found.raw if found else None

    def _first(self, weights: Weights) -> FirstLook:
        passages, languages = [one for one, _ in self.read], [home.language for _, home in self.read]
        return FirstLook.at(self.searches, passages, self.view.sketch, weights, languages)

    def _looked(self, some: Sequence[int]) -> Looked | None:
        if self.closeness is None or not some:
            return None
        view, seen = self.view, [(self.read[i][0], self.read[i][1].title, self.texts[i]) for i in some]
        return self.closeness.passages(view.tenant, view.seq, view.sketch, seen)


async def gather(system: System, question: Question) -> Candidates:
    """Ask the store as `rag.retrieve` does, and read what it names.

    What changes meanwhile is left out: a tuning needs no single moment.
    """
    view, searches = await run_sync(_prepare, system, question)
    wanted, where = [], condition(question)
    for search in searches:
        query = Query(search.query.terms, search.mean, where, CANDIDATES)
        lists = await system.store.search(view.tenant, query, seq=view.seq)
        wanted += [one.chunk for one in (*lists.words, *lists.vectors)]
    return await run_sync(_read, system, question, view, searches, list(dict.fromkeys(wanted)))


def _prepare(system: System, question: Question) -> tuple[View, list[Search]]:
    view = system.library.view(question.principal.tenant)
    embedder, closeness = system.embedder, system.closeness
    said = system.glossary.said(question.text, view.sketch) if system.glossary else ("", 0.0)
    return view, [Search(one, view.sketch, embedder, closeness) for one in facets(question, *said)]


def _read(
    system: System, question: Question, view: View, searches: list[Search], wanted: list[int]
) -> Candidates:
    found = system.library.passages(view, wanted, strict=False) or []
    texts = system.library.texts(view.tenant, [passage.version for passage, _ in found])
    read = [
        (passage, home)
        for passage, home in found
        if passage.version in texts and question.collection in (None, home.collection)
    ]
    said = [texts[passage.version][passage.start : passage.end] for passage, _ in read]
    return Candidates(question, view, searches, read, said, system.closeness)


def _parts(ranking: Ranking, near: Near) -> Floats:
    top = np.float32(ranking.bm.max(initial=0.0) or 1.0)
    words = (over(ranking.bm), ranking.phrases / top, ranking.coverage)
    cosines = (ranking.vector, near.rare, near.heading, near.sentence)
    return np.stack([*words, *(np.maximum(one, 0) for one in cosines)], axis=1).astype(np.float32)
