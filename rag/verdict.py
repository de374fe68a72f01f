"""What speaks for an answer, weighed: over the question's own words, or over its translation.

A question whose answer stands in the other language shares no words with it; the more convincing of
the two ways to read it counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag import evidence
from rag.catalog.chunks import Home, Passage
from rag.features import Features
from rag.looks import SecondLook
from rag.query import Analysed
from rag.types import Question, Verdict
from rag.unclear import is_unclear

Read = Sequence[tuple[Passage, Home]]


@dataclass(frozen=True, slots=True)
class Grounds:
    """The sum of evidence, the words it was judged by, and the three best passages."""

    raw: float
    query: Analysed
    features: Sequence[Features]

    def verdict(self, enough: float) -> Verdict:
        """Evidence and band, where `enough` is a sum that just suffices."""
        return evidence.judge(self.raw, enough, self.query, self.features)


def grounds(question: Question, second: SecondLook, read: Read) -> Grounds | None:
    """The best grounds for an answer; None where nothing was found."""
    if not len(second.best):
        return None
    unclear = is_unclear(question.text, question.history)
    ways = (second.first.whole, translated(second, read))
    found = [_of(n, second, read, unclear) for n in ways if n is not None]
    return max(found, key=lambda one: one.raw)


def translated(second: SecondLook, read: Read) -> int | None:
    """Which search found the best passage in the other language; None where the own words count alone."""
    if not len(second.best):
        return None
    best = read[second.best[second.order[0]]][1].language
    first = second.first
    pairs = zip(first.searches, first.counts, strict=True)
    return next((n for n, (search, count) in enumerate(pairs) if count and search.language == best), None)


def _of(n: int, second: SecondLook, read: Read, unclear: bool) -> Grounds:
    searches = second.first.searches
    signs, best = second.signs(n)
    features = [read[i][0].features for i in best[:3]]
    query = searches[n if searches[n].language else 0].query  # of a follow-up its own words must be there
    return Grounds(evidence.raw(query, features, signs, unclear=unclear), query, features)
