"""From a question to passages: search both ways, rank, judge, read the texts.

The index may change between the search and the reading. Every round notes the tenant's change
number first and looks at it again last; if it moved, the round is repeated, so a document is seen
wholly old or wholly new.

Documents that do not count today (`rag/validity.py`) are not searched. Where the others are not
confident, those are searched for themselves, so that a refusal can name them (`rag/lapsed.py`).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from anyio import create_task_group
from anyio.to_thread import run_sync

from rag import lapsed
from rag.catalog.chunks import OPEN, Home, Passage
from rag.closeness import Closeness
from rag.duplicates import distinct
from rag.embedders import Embedder, Remote
from rag.errors import Damaged, NotFound
from rag.facets import Search, facets
from rag.filters import All, Eq, Filter, In
from rag.glossary import Glossary
from rag.lapsed import Scope
from rag.library import Library, View
from rag.looks import FirstLook, SecondLook
from rag.stores import Candidates, Immediate, Query, Store
from rag.types import Found, Hit, Question, Verdict
from rag.verdict import Read, grounds, translated
from rag.weights import UNTUNED, Tuning
from rag.writer import check_embedder

CANDIDATES = 64  # of each list; the union is ranked. 50 to 150 gave the same hits on both handbooks
LOOKED = 20  # of them are looked at a second time; 16 to 48 gave the same hits on six sets
_ROUNDS = 4
_NEAR_TIE = 0.005  # of the best score, for each step of priority
# Up to so many passages a search takes about a millisecond, less than handing it to a thread and back.
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Retriever:
    """What retrieval needs of the system. `closeness` is None with an embedder that is too slow for it."""

    library: Library
    store: Store
    embedder: Embedder
    closeness: Closeness | None = None
    tuning: Tuning = UNTUNED
    glossary: Glossary | None = None

    async def __call__(self, question: Question) -> Found:
        """Hits, best first, that this principal may read; never of another tenant.

        `details["lapsed"]` names documents that would answer and do not count today.
        """
        now = time.time()
        found = await self._found(question, Scope(now))
        view = self.library.view(question.principal.tenant, fresh=False)
        if found.verdict.band == "confident" or not view.lapsed(now):
            return found
        others = await self._found(question, Scope(now, counts=False))
        if not (named := lapsed.named(others, view.homes, now)):
            return found
        return replace(found, details={**found.details, "lapsed": named})

    async def _found(self, question: Question, scope: Scope) -> Found:
        for left in reversed(range(_ROUNDS)):
            found = await self._round(question, scope, is_first=left == _ROUNDS - 1, is_last=left == 0)
            if found is not None:
                return found
        raise AssertionError("the last round accepts what it finds")

    async def _round(
        self, question: Question, scope: Scope, *, is_first: bool, is_last: bool
    ) -> Found | None:
        """One look at the index; None when it changed meanwhile. The first trusts what is remembered."""
        store = self.store
        if isinstance(store, Immediate):
            is_quick = not isinstance(self.embedder, Remote)
            if is_quick and self.library.remembered(question.principal.tenant) <= _AT_ONCE:
                return self._round_now(store, question, scope, is_first, is_last)
            return await run_sync(self._round_now, store, question, scope, is_first, is_last)
        asked = await run_sync(self._prepare, question, scope, is_first)
        if not asked.view.sketch.chunks:
            return await run_sync(self._empty, asked, is_first)
        candidates = await _search_all(store, asked, question)
        return await run_sync(self._rank, question, asked, candidates, is_last)

    def _round_now(
        self, store: Immediate, question: Question, scope: Scope, is_first: bool, is_last: bool
    ) -> Found | None:
        asked = self._prepare(question, scope, is_first)
        if not asked.view.sketch.chunks:
            return self._empty(asked, is_first)
        wanted = asked.wanted(question)
        candidates = [store.search_now(asked.view.tenant, one, asked.view.seq) for one in wanted]
        return self._rank(question, asked, candidates, is_last)

    def _empty(self, asked: "_Asked", is_first: bool) -> Found | None:
        """Nothing to search, unless that is only what was remembered."""
        if is_first and asked.view.seq:
            return None
        return Found((), Verdict(0.0, "not_found", "no_documents"))

    def _prepare(self, question: Question, scope: Scope, is_first: bool) -> "_Asked":
        view = self.library.view(question.principal.tenant, fresh=not is_first)
        if is_first and question.collection not in (None, *view.collections):
            view = self.library.view(question.principal.tenant)  # it may have been made meanwhile
        if view.seq:
            check_embedder(view, self.embedder.id)
        # Only the operator learns which collections there are; for others an unknown one is an empty one.
        is_operator = question.principal.groups is None
        if is_operator and view.collections and question.collection not in (None, *view.collections):
            raise NotFound(
                f"no collection {question.collection!r}",
                hint=f"there are: {', '.join(sorted(view.collections))}",
            )
        said = self.glossary.said(question.text, view.sketch) if self.glossary else ("", 0.0)
        asked = facets(question, *said)
        searches = [Search(one, view.sketch, self.embedder, self.closeness) for one in asked]
        return _Asked(view, searches, scope)

    def _rank(
        self, question: Question, asked: "_Asked", candidates: Sequence[Candidates], is_last: bool
    ) -> Found | None:
        view = asked.view
        loaded = self.library.passages(view, _ids(candidates), strict=not is_last)
        if loaded is None:
            return None
        if not is_last and (ahead := max(one.seq for one in candidates)) > view.seq + 1:
            # A writer is one change ahead, never two.
            raise Damaged(
                f"the search index holds change {ahead}, the catalog only {view.seq}",
                hint="kb doctor --fix rebuilds it; was an older catalog restored?",
            )
        read = [one for one in loaded if _may_see(question, one[1]) and asked.scope.holds(one[1])]
        passages, languages = [p for p, _ in read], [home.language for _, home in read]
        first = FirstLook.at(asked.searches, passages, view.sketch, self.tuning.weights, languages)
        best = first.order[: max(LOOKED, question.limit)].tolist()
        texts = self._texts(view.tenant, {i: read[i][0] for i in best})
        second = self._look(first, [i for i in best if i in texts], read, texts, view)
        scores = _scores(second, read)
        ranked = sorted(scores, key=lambda i: -scores[i])
        kept = distinct(ranked, {i: read[i][0].features for i in ranked}, texts)
        hits = [_hit(*read[i], scores[i], texts[i]) for i in kept[: question.limit]]
        enough = self.tuning.threshold(question.collection, view.sketch.chunks)
        why = grounds(question, second, read)
        verdict = why.verdict(enough) if why else Verdict(0.0, "not_found", "nothing_near")
        told = _ranked(first, read, kept, scores) | _searched(first, candidates)
        if (n := translated(second, read)) is not None:
            told["translation"] = _translation(asked.searches[n])
        return Found(tuple(hits), verdict, told)

    def _texts(self, tenant: str, some: Mapping[int, Passage]) -> dict[int, str]:
        """The text of each passage; those whose version went meanwhile are left out."""
        texts = self.library.texts(tenant, [passage.version for passage in some.values()])
        return {i: texts[p.version][p.start : p.end] for i, p in some.items() if p.version in texts}

    def _look(
        self, first: FirstLook, best: list[int], read: Read, texts: Mapping[int, str], view: View
    ) -> SecondLook:
        looked = None
        if self.closeness and best:
            seen = [(read[i][0], read[i][1].title, texts[i]) for i in best]
            looked = self.closeness.passages(view.tenant, view.seq, view.sketch, seen)
        return SecondLook.at(first, np.array(best, dtype=np.int64), looked, self.tuning.weights)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question against one view of the tenant."""

    view: View
    searches: Sequence[Search]
    scope: Scope

    def wanted(self, question: Question) -> list[Query]:
        """What the store is asked, search by search."""
        parts = [one for one in (condition(question), self.scope.condition(self.view)) if one]
        where = All(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)
        return [Query(one.query.terms, one.mean, where, CANDIDATES) for one in self.searches]


async def _search_all(store: Store, asked: _Asked, question: Question) -> list[Candidates]:
    """All searches at once, their results in order."""
    wanted = asked.wanted(question)
    found: list[Candidates] = [Candidates()] * len(wanted)

    async def search(i: int) -> None:
        found[i] = await store.search(asked.view.tenant, wanted[i], seq=asked.view.seq)

    if len(wanted) == 1:
        await search(0)
        return found
    async with create_task_group() as group:
        for i in range(len(wanted)):
            group.start_soon(search, i)
    return found


def _ids(candidates: Sequence[Candidates]) -> list[int]:
    """Every candidate once."""
    return list(dict.fromkeys(s.chunk for one in candidates for s in (*one.words, *one.vectors)))


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


def _scores(second: SecondLook, read: Read) -> dict[int, float]:
    """The score of each of the best, in their order; priority decides between near ties."""
    best, total = second.best[second.order], second.total[second.order]
    if any(priorities := [read[i][1].priority for i in best.tolist()]):
        total = total + np.float32(_NEAR_TIE) * total.max() * np.array(priorities, np.float32)
    return dict(zip(best.tolist(), total.tolist(), strict=True))


def _hit(passage: Passage, home: Home, score: float, text: str) -> Hit:
    return Hit(
        document=home.document,
        version=passage.version,
        source=home.source,
        title=home.title,
        page=passage.page,
        heading=" > ".join(passage.heading),
        start=passage.start,
        end=passage.end,
        text=text,
        score=round(score, 4),
        collection=home.collection,
        chunk=passage.id,
        updated=home.updated,
    )


def _searched(first: FirstLook, candidates: Sequence[Candidates]) -> dict[str, object]:
    """For `kb explain` and the answerer: what was searched."""
    whole = first.searches[first.whole].query
    return {
        "terms": whole.terms,
        "idf": whole.weights(),
        "searches": len(first.searches),
        "keyword_candidates": len({s.chunk for one in candidates for s in one.words}),
        "vector_candidates": len({s.chunk for one in candidates for s in one.vectors}),
    }


def _translation(search: Search) -> dict[str, object]:
    return {"text": search.text, "language": search.language, "idf": search.query.weights()}


def _ranked(
    first: FirstLook, read: Read, kept: Sequence[int], scores: Mapping[int, float]
) -> dict[str, object]:
    """For `kb explain`: what each part said of the question alone."""
    ranking = first.rankings[0]
    ranked = [
        {
            "source": read[i][1].source,
            "chunk": read[i][0].id,
            "score": scores[i],
            "bm": float(ranking.bm[i]),
            "phrases": float(ranking.phrases[i]),
            "vector": float(ranking.vector[i]),
            "coverage": float(ranking.coverage[i]),
        }
        for i in kept[:10]
    ]
    return {"ranked": ranked}
