"""Documents that do not count today: kept out of a search, and named where nothing else answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag import validity
from rag.catalog.chunks import Home
from rag.filters import Filter, In, Not
from rag.library import View
from rag.types import Found, Language

MOST = 500  # ids in a filter of a store; more are left out after the search
_NAMED = 2
_SAID: dict[Language, Mapping[str, str]] = {
    "en": {
        "expired": "“{title}” ({source}) speaks of it, but expired on {day}.",
        "not yet valid": "“{title}” ({source}) speaks of it, but is valid only from {day}.",
    },
    "zh": {
        "expired": "《{title}》（{source}）提到了此事，但已于{day}到期失效。",
        "not yet valid": "《{title}》（{source}）提到了此事，但自{day}起才生效。",
    },
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents are searched: those that count at the moment `now`, or those that do not."""

    now: float
    counts: bool = True

    def condition(self, view: View) -> Filter | None:
        """For the store, so that what does not count takes nobody's place among the candidates."""
        ids = view.lapsed(self.now)
        if not self.counts:
            return In("document", ids[:MOST])
        return Not(In("document", ids)) if 0 < len(ids) <= MOST else None

    def holds(self, home: Home) -> bool:
        """The same of one document, from the catalog."""
        return (validity.state(home.valid_from, home.valid_until, self.now) == "valid") is self.counts


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A document that would answer. `day` is its last, or its first to come."""

    document: str
    source: str
    title: str
    state: str
    day: str


def named(found: Found, homes: Mapping[str, Home | None], now: float) -> tuple[Lapsed, ...]:
    """The documents of the best hits, once each; none where these do not answer either."""
    if found.verdict.band == "not_found":
        return ()
    best = [home for hit in found.hits if (home := homes.get(hit.version))]
    once = {home.document: home for home in best}
    return tuple(_lapsed(home, now) for home in list(once.values())[:_NAMED])


def said(lapsed: Sequence[Lapsed], language: Language) -> str:
    """For a refusal: which documents speak of it and why they do not answer."""
    gap = "" if language == "zh" else " "
    shown = [
        _SAID[language][one.state].format(title=one.title, source=one.source, day=one.day) for one in lapsed
    ]
    return gap.join(shown)


def _lapsed(home: Home, now: float) -> Lapsed:
    state = validity.state(home.valid_from, home.valid_until, now)
    if state == "expired" and home.valid_until is not None:
        day = validity.last_day(home.valid_until)
    else:
        day = validity.first_day(home.valid_from or now)
    return Lapsed(home.document, home.source, home.title, state, day)
