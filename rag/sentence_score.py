"""How well each sentence of the best passages answers a question.

score = coverage + .1 answer type + .3 first under a heading like the question
        - .15 rank - .3 too short - 1 heading - .5 question

Coverage is the idf-weighted share of the question's words in the sentence; for Chinese the mean of
that and the share of its pairs of neighbouring characters. A word that only surrounds the sentence
counts less; "cost" or 价格 is said by an amount of money too. What the opening sentence of the
document names is its subject, which the sentences below it rarely repeat: it counts nearly full.
Vectors were tried and add nothing to this.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rag.pack import Passage
from rag.remembered import remembered
from rag.sentences import Sentence, plain, sentences
from rag.tables import header_of
from rag.types import Language
from rag.wording import ASKS
from rag.words import is_cjk, runs, without_question_words, words

Weights = Mapping[str, float] | Callable[[str], float]

PASSAGES = 3  # of which sentences are compared
_SHORT: dict[Language, int] = {"en": 20, "zh": 6}
_RANK, _OPENS, _KIND = 0.15, 0.3, 0.1
# What a word counts that only stands around the sentence.
_HEADING, _HEADER, _OPENING, _BEFORE = 0.5, 0.8, 0.8, 0.35
_OPENING_WITHIN = 800  # characters of a document that are looked through for its opening
_NO_WORDS: frozenset[str] = frozenset()
_WANTS_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|often|far|old|soon|big|late|early|high)|when"
    r"|what (?:time|date|year|percentage|is the (?:price|cost|limit|fee))|price|cost|deadline)\b"
    r"|多少|几|多久|多长|多大|多高|多远|什么时候|何时|哪[天年月]|价格|费用|比例|期限",
    re.IGNORECASE,
)
_WANTS_MONEY = re.compile(r"\b(?:prices?|costs?|fees?|expensive)\b|钱|价[格钱]|[收花]费|费用", re.IGNORECASE)
_WANTS_NAME = re.compile(r"\bwho(?:m|se)?\b|谁|哪位|哪个部门", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|twice|once|daily|weekly|monthly)\b"
    r"|[一二三四五六七八九十两]个?[天日周月年次人小倍]",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[£$€¥￥]\s?\d|\d\s?[百千万亿]?(?:元|块|英镑|美元|欧元)"
    r"|\d\s?(?:(?:thousand|million)\s)?(?:pounds?|dollars?|euros?|yuan|pence)\b|\b(?:USD|EUR|GBP|RMB|CNY)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+|@|\b(?:team|manager|department|office)\b|[部门组室处]|经理|负责人")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence with what is compared of it."""

    sentence: Sentence
    words: frozenset[str]
    pairs: frozenset[str]
    asks: bool
    announces: bool
    numbered: bool
    priced: bool
    named: bool
    penalty: Mapping[Language, float]
    length: int  # of its reading text; 0 when that says nothing: a tag, an image


class Scored(NamedTuple):  # made for every sentence of every question
    """The unit at `place` of a passage's `units`."""

    passage: Passage
    place: int
    score: float

    @property
    def unit(self) -> Unit:
        return units(self.passage.hit.text)[self.place]


class Asked:
    """A question's words with their weights, and the kind of answer it wants."""

    def __init__(self, question: str, language: Language, idf: Weights | None = None) -> None:
        self.text = question
        cut = question if question.isascii() else without_question_words(question)
        weigh = idf if callable(idf) else (idf or {}).get
        self.weights = tuple((word, float(weigh(word) or 1.0)) for word in dict.fromkeys(words(cut)))
        self.total = sum(weight for _, weight in self.weights) or 1.0
        self.pairs = pairs(cut)
        self.language = language
        self.before_counts = _BEFORE if language == "en" else 0.0
        self.wants_number = _WANTS_NUMBER.search(question) is not None
        self.wants_money = frozenset(words(" ".join(_WANTS_MONEY.findall(cut))))
        self.wants_name = not self.wants_number and _WANTS_NAME.search(question) is not None

    def share(self, held: frozenset[str]) -> float:
        """Share of the question's weight among these words."""
        return sum(weight for word, weight in self.weights if word in held) / self.total

    def coverage(self, unit: Unit, around: "_Around", header: frozenset[str]) -> float:
        """Share of the question's weight in the sentence; less for words that only surround it."""
        total = 0.0
        for word, weight in self.weights:
            if word in unit.words or (unit.priced and word in self.wants_money):
                total += weight
            elif word in header:
                total += weight * _HEADER
            elif word in around.opening.words:
                total += weight * _OPENING
            elif word in around.heading:
                total += weight * _HEADING
            elif word in around.before:
                total += weight * self.before_counts
        share = total / self.total
        if not self.pairs:
            return share
        inside = self.pairs & unit.pairs
        shared = len(inside) + _OPENING * len((self.pairs - inside) & around.opening.pairs)
        return (share + shared / len(self.pairs)) / 2

    def kind_bonus(self, unit: Unit) -> float:
        """What a sentence gains that holds an amount of money, a number or a name where one is asked for."""
        if self.wants_money:
            return _KIND if unit.priced else 0.0
        fits = (self.wants_number and unit.numbered) or (self.wants_name and unit.named)
        return _KIND if fits else 0.0


class _Opening(NamedTuple):
    """Words and pairs of the sentence that opens a document."""

    words: frozenset[str] = _NO_WORDS
    pairs: frozenset[str] = _NO_WORDS


@dataclass(slots=True)
class _Around:
    """What a sentence stands in, while a passage is read from top to bottom."""

    opening: _Opening
    heading: frozenset[str]
    before: frozenset[str] = _NO_WORDS
    opens: float = 0.0  # what a sentence gains that comes first under a heading like the question

    def read(self, unit: Unit, asked: Asked) -> None:
        """Go on behind this unit; a question above its answer is a heading too."""
        is_heading = unit.sentence.kind == "heading"
        self.opens = 0.0
        if is_heading or unit.asks:
            self.heading = unit.words if is_heading else self.heading | unit.words
            self.opens = _OPENS * asked.share(unit.words)
        self.before = unit.words


def ranked(asked: Asked, passages: Sequence[Passage]) -> list[Scored]:
    """Every sentence of the first passages with its score, in reading order."""
    return [
        scored for place, passage in enumerate(passages[:PASSAGES]) for scored in score(asked, passage, place)
    ]


def score(asked: Asked, passage: Passage, rank: int) -> list[Scored]:
    """Every sentence of the passage that was found at this rank (0 for the best)."""
    around = _Around(_opening(passage.whole[:_OPENING_WITHIN]), word_set(passage.hit.heading))
    found = []
    read = units(passage.hit.text)
    for place, (unit, header) in enumerate(zip(read, headers(passage, read), strict=True)):
        coverage = asked.coverage(unit, around, word_set(header) if header else _NO_WORDS)
        total = coverage + around.opens + asked.kind_bonus(unit) - _RANK * rank - unit.penalty[asked.language]
        found.append(Scored(passage, place, total))
        around.read(unit, asked)
    return found


def headers(passage: Passage, read: Sequence[Unit]) -> list[str]:
    """The header of the table that each of these units is a row of; '' for what is no row."""
    found: list[str] = []
    done = 0
    for unit in read:
        start = unit.sentence.start
        if unit.sentence.kind != "row":
            found.append("")
        elif found and found[-1] and passage.hit.text.count("\n", done, start) == 1:
            found.append(found[-1])  # the next line of the same table: the way up may be long
        else:
            found.append(header_of(passage.whole, passage.hit.start + start))
        done = unit.sentence.end
    return found


@remembered(1024)
def word_set(text: str) -> frozenset[str]:
    """Stems and dictionary words."""
    return frozenset(words(text))


@remembered(1024)  # the same passages are found again and again
def units(text: str) -> tuple[Unit, ...]:
    """The sentences of a passage that hold a word and show one, in reading order."""
    found = (_unit(text, sentence) for sentence in sentences(text))
    return tuple(unit for unit in found if unit.words and unit.length)


def pairs(text: str) -> frozenset[str]:
    """Neighbouring characters of scripts without spaces."""
    if text.isascii():
        return _NO_WORDS
    wide = [run for run in runs(text) if is_cjk(run)]
    return frozenset(run[i : i + 2] for run in wide for i in range(len(run) - 1))


@remembered(1024)
def _opening(text: str) -> _Opening:
    """Of the first running sentence of a document; empty for a list of questions and answers."""
    for unit in units(text):
        if unit.asks:
            break
        if unit.sentence.kind in ("prose", "item"):
            return _Opening(unit.words, unit.pairs)
    return _Opening()


def _unit(text: str, sentence: Sentence) -> Unit:
    start, end = sentence.start, sentence.end
    body = text[start:end]
    shown = plain(body)  # a question in bold ends with its stars
    asks, announces = shown.endswith(ASKS), shown.endswith((":", "："))
    numbered = _NUMBER.search(text, start, end) is not None
    priced = numbered and _MONEY.search(text, start, end) is not None
    named = _NAME.search(text, start, end) is not None
    penalty = {language: _penalty(sentence, language, asks=asks) for language in _SHORT}
    held = frozenset(words(body))
    length = len(shown) if any(map(str.isalnum, shown)) else 0
    return Unit(sentence, held, pairs(body), asks, announces, numbered, priced, named, penalty, length)


def _penalty(sentence: Sentence, language: Language, *, asks: bool) -> float:
    penalty = 1.0 if sentence.kind in ("heading", "header") else 0.0
    if sentence.end - sentence.start < _SHORT[language] and sentence.kind != "row":
        penalty += 0.3
    return penalty + (0.5 if asks else 0.0)
