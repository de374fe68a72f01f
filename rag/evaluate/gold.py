"""Gold places in the texts as they are stored now, so that a changed document is noticed, not mismeasured."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.cite import prove
from rag.evaluate.measures import names
from rag.evaluate.types import Case, Gold, Place
from rag.types import Document
from rag.words import has_cjk

# Characters from which an answer's text is taken for its place: shorter ones stand anywhere.
LEAST, LEAST_CJK = 24, 10
_FAR = 2_000  # characters around the old place in which a changed quote is looked for first
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Stored:
    """A document's current text."""

    source: str
    collection: str
    text: str


@dataclass(frozen=True, slots=True)
class Golds:
    """The places of one question's golds. `note` says what could not be found; '' when all was.

    Places are complete or none: where all golds are needed and one is missing, there are none.
    """

    places: tuple[Place, ...] = ()
    note: str = ""


def needed(cases: Iterable[Case], documents: Sequence[Document]) -> list[Document]:
    """The documents whose texts `find` must see for these questions."""
    files = {gold.file for case in cases for gold in case.gold}
    if "" in files or any(_by_answer(case) for case in cases):
        return list(documents)
    return [one for one in documents if any(names(_nfc(file), _nfc(one.source)) for file in files)]


def find(case: Case, stored: Sequence[Stored]) -> Golds:
    """Where the golds of a question stand; without any, where its answer stands word for word."""
    texts = [one for one in stored if case.collection in (None, one.collection)]
    if _by_answer(case):
        return Golds(tuple(place for one in texts for place in _everywhere(case.answer, one)))
    found = [_of_gold(gold, case, texts) for gold in case.gold]
    note = "; ".join(dict.fromkeys(one.note for one in found if one.note))
    if case.need == "all" and not all(one.places for one in found):
        return Golds((), note)
    return Golds(tuple(dict.fromkeys(place for one in found for place in one.places)), note)


def _by_answer(case: Case) -> bool:
    return case.answerable and not case.gold and _is_telling(case.answer)


def _is_telling(text: str) -> bool:
    return len(text) >= (LEAST_CJK if has_cjk(text) else LEAST)


def _of_gold(gold: Gold, case: Case, texts: Sequence[Stored]) -> Golds:
    """One gold, in each document that its file names; in the first alone where all golds are needed."""
    named = [one for one in texts if not gold.file or names(_nfc(gold.file), _nfc(one.source))]
    named = [one for one in named if one.source == gold.file] or named
    if not named:
        return Golds((), f"no document {gold.file}")
    if not gold.quote and gold.start is None:
        return _of_file(gold, case, named)
    places = [place for one in named if (place := _place(gold, one))]
    if not places:
        return Golds((), f"gold not found in {gold.file or 'any document'}")
    return Golds(tuple(places if case.need == "any" else places[:1]))


def _of_file(gold: Gold, case: Case, named: Sequence[Stored]) -> Golds:
    """A gold that only names its file: the answer's text in it, if it is there."""
    if _is_telling(case.answer):
        places = tuple(place for one in named for place in _everywhere(case.answer, one))
        if places:
            return Golds(places)
    return Golds((), f"the answer is not worded so in {gold.file}: only the file is measured")


def _place(gold: Gold, stored: Stored) -> Place | None:
    """At its offsets if it stands there, else nearest to them, else as it is after folding."""
    text, quote, near = stored.text, gold.quote, gold.start or 0
    if gold.start is not None and gold.end is not None:
        there = text[gold.start : gold.end]
        if len(there) == gold.end - gold.start and quote in ("", there):
            return _at(stored, gold.start, gold.end)
    if not quote:
        return None
    starts = list(_occurrences(quote, text))
    if starts:
        start = min(starts, key=lambda at: abs(at - near))
        return _at(stored, start, start + len(quote))
    return _folded(quote, stored, near)


def _folded(quote: str, stored: Stored, near: int) -> Place | None:
    """After folding white space, width and quotation marks; near the old place first."""
    if _words(quote) not in _words(stored.text):  # a hundred times as fast as folding the text
        return None
    begin = max(0, near - _FAR)
    window = stored.text[begin : near + len(quote) + _FAR]
    for text, shift in ((window, begin), (stored.text, 0)):
        if place := prove(quote, text):
            return _at(stored, place[0] + shift, place[1] + shift)
    return None


def _everywhere(quote: str, stored: Stored) -> Iterator[Place]:
    """All places where a text stands, exactly, or else the first after folding."""
    starts = list(_occurrences(quote, stored.text))
    for start in starts:
        yield _at(stored, start, start + len(quote))
    if not starts and (place := _folded(quote, stored, 0)):
        yield place


def _occurrences(quote: str, text: str) -> Iterator[int]:
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + len(quote))


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    """Letters and digits alone: what folding can only leave equal."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text))


def _at(stored: Stored, start: int, end: int) -> Place:
    return Place(stored.source, start, end, stored.collection)


def _nfc(path: str) -> str:
    return unicodedata.normalize("NFC", path)
