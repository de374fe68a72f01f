"""Two current documents that say different things: found precisely rather than often.

Two sentences of different documents contradict each other when they speak of the same thing in the
same words and give it another number, amount or date. What is compared is the clause around the
number. Sentences of two languages share no words; there the same codes must be named, and nothing
else of that kind be said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.pack import Passage
from rag.quantities import Quantity, quantities
from rag.remembered import remembered
from rag.sentence_score import Asked, Unit, headers, units
from rag.sentences import LONGEST, plain
from rag.support import facts
from rag.words import has_cjk, words

_SHARED, _SHARE = 3, 0.6  # words that both clauses hold, and their share of the shorter one
_OF_QUESTION = 0.25  # share of the question's weight that both clauses hold
_CLAUSE_END = re.compile(r"[;；:：，。()（）]|,(?!\d)|\s[-–—]\s")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*\d)[A-Z][A-Za-z0-9-]+")
_ORDINAL = re.compile(
    r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf|\w+teen)th)\b"
    r"|第[\d一二三四五六七八九十]+|[《「“\"][^》」”\"\n]{1,60}[》」”\"]",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:for (?:example|instance)|e\.g|such as|suppose|assum\w+|about(?=\s\d)|approximately|roughly)\b"
    r"|例如|比如|假设|假如|例子|示例|大约|左右",
    re.IGNORECASE,
)
# Words that set two statements apart, each group a choice.
_APART = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:before|prior to|until)\b|之?前",
        r"\bafter\b|之?后",
        r"\bduring\b|期间",
        r"\b(?:at least|minimum|more than|over|above|no less)\b|至少|不少于|不低于|以上|超过",
        r"\b(?:at most|up to|maximum|within|less than|under|below|no more)\b"
        r"|最多|至多|不超过|内(?![容部])|以下",
        r"\bdefault|默认|缺省",
        r"\bset to\b|设置?[为成]",
        r"\bpart[- ]time\b|兼职",
        r"\bfull[- ]time\b|全职",
    )
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A quantity of a sentence with what is compared of the clause around it.

    `words` are those of the clause without the quantity's own, `apart` which of `_APART` it holds.
    """

    quantity: Quantity
    clause: frozenset[str]
    words: frozenset[str]
    apart: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence that states a quantity."""

    passage: Passage
    unit: Unit
    text: str
    stated: Stated


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`first` is of the document that answers the question better; `kind` is what they differ in."""

    first: Place
    second: Place
    kind: str

    @property
    def documents(self) -> frozenset[str]:
        """Ids of the two documents."""
        return frozenset(place.passage.hit.document for place in (self.first, self.second))


def find(
    asked: Asked, passage: Passage, said: Sequence[Unit], passages: Sequence[Passage]
) -> Contradiction | None:
    """The first contradiction between these units of a passage and passages of other documents."""
    mine = _answers(asked, passage, said)
    if not mine:
        return None
    others = [other for other in passages if other.hit.document != passage.hit.document]
    theirs = [place for other in others for place in _answers(asked, other, units(other.hit.text))]
    for first in mine:
        for second in theirs:
            if first.stated.quantity.differs(second.stated.quantity) and _same_thing(asked, first, second):
                return Contradiction(first, second, first.stated.quantity.kind)
    return None


def _answers(asked: Asked, passage: Passage, found: Sequence[Unit]) -> list[Place]:
    """Quantities of these units; what the question itself says is a condition, not an answer."""
    places = []
    for unit, header in zip(found, headers(passage, found), strict=True):
        if not unit.numbered or unit.asks or unit.sentence.kind not in ("prose", "item", "row"):
            continue
        text = passage.hit.text[unit.sentence.start : unit.sentence.end]
        if _EXAMPLE.search(text):
            continue
        places += [Place(passage, unit, text, stated) for stated in _stated(text, header)]
    return [place for place in places if not _gives(asked.text, place.stated.quantity)]


def _same_thing(asked: Asked, mine: Place, theirs: Place) -> bool:
    """True when only the number tells the two apart."""
    if has_cjk(mine.text) != has_cjk(theirs.text):
        alike = _same_codes(asked, mine, theirs)
    else:
        alike = _same_words(asked, mine.stated, theirs.stated)
    return alike and not _set_apart(mine.stated, theirs.stated) and not _agree_elsewhere(mine, theirs)


def _same_words(asked: Asked, mine: Stated, theirs: Stated) -> bool:
    """The same clause but for the quantity, and of what is asked."""
    shared = mine.words & theirs.words
    if len(shared) < max(_SHARED, _SHARE * min(len(mine.words), len(theirs.words))):
        return False
    return asked.share(mine.clause & theirs.clause) >= _OF_QUESTION


def _same_codes(asked: Asked, mine: Place, theirs: Place) -> bool:
    """For two languages: the same codes, among them one of the question, and one quantity of the kind."""
    first, second = set(_CODE.findall(mine.text)), set(_CODE.findall(theirs.text))
    if first != second or not any(asked.share(frozenset(words(code))) for code in first):
        return False
    return _alone(mine) and _alone(theirs)


def _alone(place: Place) -> bool:
    kinds = [quantity.kind for quantity in quantities(place.text)]
    return kinds.count(place.stated.quantity.kind) == 1


def _set_apart(mine: Stated, theirs: Stated) -> bool:
    """True when each holds one of the words that set two statements apart, and the other does not."""
    marks = list(zip(mine.apart, theirs.apart, strict=True))
    return any(a and not b for a, b in marks) and any(b and not a for a, b in marks)


def _agree_elsewhere(mine: Place, theirs: Place) -> bool:
    """True when both may be right: the other gives this quantity too, or each names another thing."""
    if _gives(theirs.text, mine.stated.quantity) or _gives(mine.text, theirs.stated.quantity):
        return True
    first, second = _names(mine.text), _names(theirs.text)
    return bool(first - second and second - first)


def _gives(text: str, wanted: Quantity) -> bool:
    same = [quantity for quantity in quantities(text) if quantity.kind == wanted.kind]
    return any(not quantity.differs(wanted) for quantity in same)


@remembered(4096)
def _stated(text: str, header: str) -> tuple[Stated, ...]:
    """The quantities of a sentence; a row is one clause with the header of its table."""
    if len(text) > LONGEST:  # a row of that many columns is no statement
        return ()
    found = []
    for quantity in quantities(text):
        clause = f"{text} {header}" if header else _clause(text, quantity)
        without = clause.replace(text[quantity.start : quantity.end], " ")
        apart = tuple(pattern.search(clause) is not None for pattern in _APART)
        found.append(Stated(quantity, _content(clause), _content(without), apart))
    return tuple(found)


def _clause(text: str, quantity: Quantity) -> str:
    ends = [0, *(match.end() for match in _CLAUSE_END.finditer(text)), len(text)]
    start = max(end for end in ends if end <= quantity.start)
    stop = min(end for end in ends if end >= quantity.end)
    if start and len(_content(text[start:stop])) < _SHARED:  # "..., within 4 hours": the verb stands before
        start = max(end for end in ends if end < start)
    return text[start:stop]


def _content(text: str) -> frozenset[str]:
    """Words without figures; a single Chinese character is mostly a particle."""
    return frozenset(
        word
        for word in words(text)
        if not any(character.isdigit() for character in word) and not (len(word) == 1 and has_cjk(word))
    )


@remembered(4096)
def _names(text: str) -> frozenset[str]:
    """Names, titles of works and ordinal numbers."""
    return facts(plain(text)).names | frozenset(match[0].lower() for match in _ORDINAL.finditer(text))
