"""From a question to passages: search both ways, rank, judge, read the texts.

The index may change between the search and the reading. Every round notes the tenant's change
number first and looks at it again last; if it moved, the round is repeated, so a document is seen
wholly old or wholly new.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from anyio.to_thread import run_sync
from numpy.typing import NDArray

from rag.catalog.chunks import OPEN, Home, Passage
from rag.embedders import Embedder
from rag.errors import ConfigError, Damaged, NotFound
from rag.filters import All, Eq, Filter, In
from rag.library import Library, View
from rag.query import Analysed, analyse
from rag.rank import Ranking, covered, rank
from rag.stores import Candidates, Immediate, Query, Store
from rag.types import Found, Hit, Question, Reason, Verdict

CANDIDATES = 64  # of each list; the union is ranked. 50 to 150 gave the same hits on both handbooks
_ROUNDS = 4
# Up to so many passages a search takes about a millisecond, less than handing it to a thread and back.
_AT_ONCE = 20_000
# `Answer.evidence` is .5 where about one answerable question in twenty of the development sets would
# be refused, and 1 for certainty. The more passages there are, the more the best one shares with any
# question by chance, so the raw sum that counts as enough rises with their number.
UNSURE, CONFIDENT = 0.5, 0.8
_ENOUGH = ((0.0, 0.35), (2.0, 0.70), (4.0, 1.20))  # (decimal logarithm of the passages, raw sum)
_STEEPNESS = 4.0


@dataclass(frozen=True, slots=True)
class Retriever:
    """What retrieval needs of the system."""

    library: Library
    store: Store
    embedder: Embedder

    async def __call__(self, question: Question) -> Found:
        """Hits, best first, that this principal may read; never of another tenant."""
        for left in reversed(range(_ROUNDS)):
            found = await self._round(question, is_first=left == _ROUNDS - 1, is_last=left == 0)
            if found is not None:
                return found
        raise AssertionError("the last round accepts what it finds")

    async def _round(self, question: Question, *, is_first: bool, is_last: bool) -> Found | None:
        """One look at the index; None when it changed meanwhile. The first trusts what is remembered."""
        store = self.store
        if isinstance(store, Immediate):
            if self.library.remembered(question.principal.tenant) <= _AT_ONCE:
                return self._round_now(store, question, is_first, is_last)
            return await run_sync(self._round_now, store, question, is_first, is_last)
        asked = await run_sync(self._prepare, question, is_first)
        if not asked.view.sketch.chunks:
            return await run_sync(self._empty, asked, is_first)
        candidates = await store.search(asked.view.tenant, asked.wanted(question), seq=asked.view.seq)
        return await run_sync(self._rank, question, asked, candidates, is_last)

    def _round_now(self, store: Immediate, question: Question, is_first: bool, is_last: bool) -> Found | None:
        asked = self._prepare(question, is_first)
        if not asked.view.sketch.chunks:
            return self._empty(asked, is_first)
        candidates = store.search_now(asked.view.tenant, asked.wanted(question), asked.view.seq)
        return self._rank(question, asked, candidates, is_last)

    def _empty(self, asked: "_Asked", is_first: bool) -> Found | None:
        """Nothing to search, unless that is only what was remembered."""
        if is_first and asked.view.seq:
            return None
        return Found((), Verdict(0.0, "not_found", "no_documents"))

    def _prepare(self, question: Question, is_first: bool) -> "_Asked":
        view = self.library.view(question.principal.tenant, fresh=not is_first)
        if view.seq and view.embedder != self.embedder.id:
            raise ConfigError(
                f"the index was made with the embedder {view.embedder}, the setting says {self.embedder.id}",
                hint="set KB_EMBEDDER back, or ingest into another KB_HOME",
            )
        if is_first and question.collection not in (None, *view.collections):
            view = self.library.view(question.principal.tenant)  # it may have been made meanwhile
        # Only the operator learns which collections there are; for others an unknown one is an empty one.
        is_operator = question.principal.groups is None
        if is_operator and view.collections and question.collection not in (None, *view.collections):
            raise NotFound(
                f"no collection {question.collection!r}",
                hint=f"there are: {', '.join(sorted(view.collections))}",
            )
        return _Asked(view, analyse(question.text, view.sketch), self.embedder.query(question.text))

    def _rank(
        self, question: Question, asked: "_Asked", candidates: Candidates, is_last: bool
    ) -> Found | None:
        view, query = asked.view, asked.query
        ids = list(dict.fromkeys(s.chunk for s in (*candidates.words, *candidates.vectors)))
        loaded = self.library.passages(view, ids, strict=not is_last)
        if loaded is None:
            return None
        if not is_last and candidates.seq > view.seq + 1:  # a writer is one change ahead, never two
            raise Damaged(
                f"the search index holds change {candidates.seq}, the catalog only {view.seq}",
                hint="kb doctor --fix rebuilds it; was an older catalog restored?",
            )
        read = [(passage, home) for passage, home in loaded if _may_see(question, home)]
        ranking = _rank_all(query, [passage for passage, _ in read], asked.vector, view)
        order = ranking.order[: question.limit].tolist()
        texts = self.library.texts(view.tenant, [read[i][0].version for i in order])
        hits = [
            _hit(passage, home, float(ranking.score[i]), texts)
            for i in order
            if (passage := read[i][0]).version in texts and (home := read[i][1])
        ]
        verdict = judge(query, ranking, [read[i][0] for i in order], view.sketch.chunks)
        return Found(tuple(hits), verdict, _details(query, ranking, read, candidates))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question against one view of the tenant."""

    view: View
    query: Analysed
    vector: NDArray[np.float32]

    def wanted(self, question: Question) -> Query:
        """What the store is asked."""
        return Query(self.query.terms, self.vector, condition(question), CANDIDATES)


def condition(question: Question) -> Filter | None:
    """The collection asked for and the rights of who asks, for the store."""
    parts: list[Filter] = []
    if question.collection is not None:
        parts.append(Eq("collection", question.collection))
    if question.principal.groups is not None:
        parts.append(In("groups", (*OPEN, *sorted(question.principal.groups))))
    return All(tuple(parts)) if parts else None


def _may_see(question: Question, home: Home) -> bool:
    """The store was asked for the same; the catalog says it again, last."""
    is_asked = question.collection in (None, home.collection)
    return is_asked and question.principal.may_read(home.groups)


def _hit(passage: Passage, home: Home, score: float, texts: Mapping[str, str]) -> Hit:
    return Hit(
        document=home.document,
        version=passage.version,
        source=home.source,
        title=home.title,
        page=passage.page,
        heading=" > ".join(passage.heading),
        start=passage.start,
        end=passage.end,
        text=texts[passage.version][passage.start : passage.end],
        score=round(score, 4),
        collection=home.collection,
        chunk=passage.id,
        updated=home.updated,
    )


def judge(query: Analysed, ranking: Ranking, best: Sequence[Passage], total: int) -> Verdict:
    """How sure the passages are to answer: words covered, keyword and vector score, lead."""
    if not best:
        return Verdict(0.0, "not_found", "nothing_near")
    top = int(ranking.order[0])
    coverage = covered(query, [passage.features for passage in best[:3]])
    weight = float(query.term_weights.sum()) or 1.0
    lead = float(ranking.score[top] - ranking.score[ranking.order[min(4, len(ranking.order) - 1)]])
    raw = coverage + 0.5 * float(ranking.bm[top]) / weight
    raw += 0.5 * max(0.0, float(ranking.vector[top])) + 0.2 * lead
    evidence = round(1 / (1 + math.exp(-_STEEPNESS * (raw - _enough(total)))), 4)
    if evidence >= CONFIDENT:
        return Verdict(evidence, "confident")
    if evidence >= UNSURE:
        return Verdict(evidence, "unsure")
    reason: Reason = "low_evidence" if coverage > 0 else "nothing_near"
    return Verdict(evidence, "not_found", reason)


def _enough(total: int) -> float:
    places, sums = zip(*_ENOUGH, strict=True)
    return float(np.interp(math.log10(max(1, total)), places, sums))


def _rank_all(
    query: Analysed, passages: Sequence[Passage], vector: NDArray[np.float32], view: View
) -> Ranking:
    rows = [passage.vector for passage in passages]
    cosines = np.stack(rows).astype(np.float32) @ vector if rows else np.zeros(0, dtype=np.float32)
    return rank(query, [passage.features for passage in passages], cosines, view.sketch)


def _details(
    query: Analysed,
    ranking: Ranking,
    read: Sequence[tuple[Passage, Home]],
    candidates: Candidates,
) -> dict[str, object]:
    """For `kb explain` and the answerer: what was searched and what each part said."""
    weights = dict(zip(query.word_set.tolist(), query.word_weights.tolist(), strict=True))
    names = dict(zip(query.word_names, query.words.tolist(), strict=False))
    return {
        "terms": query.terms,
        "idf": {name: weights[word] for name, word in names.items()},
        "keyword_candidates": len(candidates.words),
        "vector_candidates": len(candidates.vectors),
        "ranked": [
            {
                "source": read[i][1].source,
                "chunk": read[i][0].id,
                "score": float(ranking.score[i]),
                "bm": float(ranking.bm[i]),
                "phrases": float(ranking.phrases[i]),
                "vector": float(ranking.vector[i]),
                "coverage": float(ranking.coverage[i]),
            }
            for i in ranking.order[:10]
        ],
    }
