"""The answer without a model: the best sentence of the best passages, with what follows it.

score = idf coverage + .1 answer type + .3 first under a heading like the question
        - .15 rank - .3 too short - 1 heading - .5 question
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rag.cite import Proof, Statement, header_of, quotable
from rag.pack import Passage
from rag.sentences import Sentence, plain, sentences
from rag.support import support
from rag.types import Language
from rag.words import has_cjk, terms, without_question_words, words

Weights = Mapping[str, float] | Callable[[str], float]

_PASSAGES = 3
_CONTEXT: dict[Language, int] = {"en": 600, "zh": 120}  # characters of the sentence and what follows
_SHORT: dict[Language, int] = {"en": 20, "zh": 6}
_ROW_TIE = 0.02
_OPENS = 0.3
_TIE, _TIE_COVERAGE, _TIE_LENGTH = 0.12, 0.8, 300
_HEADING, _HEADER, _BEFORE = 0.5, 0.8, 0.35  # what a word counts that only stands around the sentence
_NO_WORDS: frozenset[str] = frozenset()
_WANTS_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|often|far|old|soon|big|late|early|high)|when"
    r"|what (?:time|date|year|percentage|is the (?:price|cost|limit|fee))|price|cost|deadline)\b"
    r"|多少|几|多久|多长|多大|多高|多远|什么时候|何时|哪[天年月]|价格|费用|比例|期限",
    re.IGNORECASE,
)
_WANTS_NAME = re.compile(r"\bwho(?:m|se)?\b|谁|哪位|哪个部门", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|twice|once|daily|weekly|monthly)\b"
    r"|[一二三四五六七八九十两]个?[天日周月年次人小倍]",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+|@|\b(?:team|manager|department|office)\b|[部门组室处]|经理|负责人")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with what is compared of it."""

    sentence: Sentence
    words: frozenset[str]
    pairs: frozenset[str]
    asks: bool
    announces: bool
    numbered: bool
    named: bool
    penalty: Mapping[Language, float]


class _Scored(NamedTuple):  # made for every sentence of every question
    passage: Passage
    place: int  # of the unit in its passage
    score: float
    coverage: float


def extract(
    question: str, passages: Sequence[Passage], language: Language, idf: Weights | None = None
) -> tuple[Statement, ...]:
    """Cited sentences that answer best; empty when there is no passage with a sentence."""
    asked = _Asked(question, language, idf)
    ranked = [
        scored for rank, passage in enumerate(passages[:_PASSAGES]) for scored in _score(asked, passage, rank)
    ]
    if not ranked:
        return ()
    best = max(ranked, key=lambda scored: scored.score)
    statements = _with_context(best, ranked, language)
    other = _near_tie(best, ranked, statements)
    return (*statements, *other)


class _Asked:
    """A question's words with their weights, and the kind of answer it wants."""

    def __init__(self, question: str, language: Language, idf: Weights | None) -> None:
        cut = question if question.isascii() else without_question_words(question)
        weigh = idf if callable(idf) else (idf or {}).get
        self.weights = tuple((word, float(weigh(word) or 1.0)) for word in dict.fromkeys(words(cut)))
        self.total = sum(weight for _, weight in self.weights) or 1.0
        self.pairs = _pairs(cut)
        self.language = language
        self.before_counts = _BEFORE if language == "en" else 0.0
        self.wants_number = _WANTS_NUMBER.search(question) is not None
        self.wants_name = not self.wants_number and _WANTS_NAME.search(question) is not None

    def share(self, held: frozenset[str]) -> float:
        """Share of the question's weight among these words."""
        return sum(weight for word, weight in self.weights if word in held) / self.total

    def coverage(
        self, unit: _Unit, header: frozenset[str], heading: frozenset[str], before: frozenset[str]
    ) -> float:
        """Share of the question's weight in the sentence; less for words that only surround it."""
        total, inside = 0.0, unit.words
        for word, weight in self.weights:
            if word in inside:
                total += weight
            elif word in header:
                total += weight * _HEADER
            elif word in heading:
                total += weight * _HEADING
            elif word in before:
                total += weight * self.before_counts
        share = total / self.total
        if not self.pairs:
            return share
        return (share + len(self.pairs & unit.pairs) / len(self.pairs)) / 2


def _score(asked: _Asked, passage: Passage, rank: int) -> list[_Scored]:
    heading = _words(passage.hit.heading)
    before = _NO_WORDS
    opens = 0.0  # what a sentence gains that comes first under a heading like the question
    found = []
    for place, unit in enumerate(_units(passage.hit.text)):
        kind = unit.sentence.kind
        header = _header_words(passage, unit) if kind == "row" else _NO_WORDS
        coverage = asked.coverage(unit, header, heading, before)
        score = coverage + opens - 0.15 * rank - unit.penalty[asked.language]
        if (asked.wants_number and unit.numbered) or (asked.wants_name and unit.named):
            score += 0.1
        found.append(_Scored(passage, place, score, coverage))
        if kind == "heading" or unit.asks:  # a question above its answer is a heading too
            heading = unit.words if kind == "heading" else heading | unit.words
            opens = _OPENS * asked.share(unit.words)
        else:
            opens = 0.0
        before = unit.words
    return found


def _penalty(sentence: Sentence, language: Language, *, asks: bool) -> float:
    penalty = 1.0 if sentence.kind in ("heading", "header") else 0.0
    if sentence.end - sentence.start < _SHORT[language] and sentence.kind != "row":
        penalty += 0.3
    return penalty + (0.5 if asks else 0.0)


def _with_context(best: _Scored, ranked: Sequence[_Scored], language: Language) -> list[Statement]:
    """The sentence and those after it under the same heading, as far as the limit goes."""
    limit = _CONTEXT[language]
    units = _units(best.passage.hit.text)
    if units[best.place].sentence.kind == "row":
        return _rows(best, ranked, limit)
    chosen = [units[best.place]]
    used = _length(chosen[0])
    for unit in units[best.place + 1 :]:
        used += _length(unit)
        if used > limit or not _goes_on(chosen[0], chosen[-1], unit):
            break
        if unit.sentence.kind != "header":
            chosen.append(unit)
    listed = len(chosen) > 1
    statements = [_statement(best.passage, unit, limit, i, listed=listed) for i, unit in enumerate(chosen)]
    last = len(statements) - 1
    return [Statement(s.text, s.proofs, marked=i == last) for i, s in enumerate(statements)]


def _rows(best: _Scored, ranked: Sequence[_Scored], limit: int) -> list[Statement]:
    """A row, with those of its table that answer as well: the reader knows which is theirs."""
    units = _units(best.passage.hit.text)
    scores = {scored.place: scored.score for scored in ranked if scored.passage is best.passage}
    places = [place for place in _table(units, best.place) if scores[place] >= best.score - _ROW_TIE]
    if sum(_length(units[place]) for place in places) > limit:
        places = [best.place]
    listed = len(places) > 1
    made = [_statement(best.passage, units[place], limit, i, listed=listed) for i, place in enumerate(places)]
    return [Statement(s.text, s.proofs, marked=i == len(made) - 1) for i, s in enumerate(made)]


def _table(units: Sequence[_Unit], place: int) -> range:
    """The places of the rows that stand together with this one."""
    first = last = place
    while first > 0 and units[first - 1].sentence.kind == "row":
        first -= 1
    while last + 1 < len(units) and units[last + 1].sentence.kind == "row":
        last += 1
    return range(first, last + 1)


def _goes_on(first: _Unit, last: _Unit, unit: _Unit) -> bool:
    """A table belongs to a sentence only when that announces it, and a row stands alone."""
    kind = unit.sentence.kind
    if first.sentence.kind == "row" or kind == "heading" or unit.asks:
        return False
    return kind not in ("row", "header") or last.announces or last.sentence.kind == "row"


def _near_tie(best: _Scored, ranked: Sequence[_Scored], said: Sequence[Statement]) -> list[Statement]:
    """One sentence of another document that answers as well: documents may disagree."""
    others = [
        scored
        for scored in ranked
        if scored.passage.hit.document != best.passage.hit.document
        and scored.score >= best.score - _TIE - 0.15
        and scored.coverage >= _TIE_COVERAGE * best.coverage
    ]
    if not others or best.coverage <= 0:
        return []
    other = max(others, key=lambda scored: scored.score)
    unit = _units(other.passage.hit.text)[other.place]
    statement = _statement(other.passage, unit, _TIE_LENGTH, 1, listed=False)
    if any(statement.text.strip() == known.text.strip() for known in said):
        return []
    return [Statement("\n\n" + statement.text.strip(), statement.proofs)]


def _statement(passage: Passage, unit: _Unit, limit: int, place: int, *, listed: bool) -> Statement:
    start, end = _within(passage.hit.text, unit.sentence, limit)
    header = header_of(passage.whole, passage.hit.start + start) if unit.sentence.kind == "row" else ""
    raw = passage.hit.text[start:end]
    claim = _row(raw, header) if unit.sentence.kind == "row" else plain(raw)
    lead = "" if place == 0 else ("" if has_cjk(claim[:1]) else " ")
    if listed and unit.sentence.kind in ("item", "row"):
        lead = "- " if place == 0 else "\n- "
    hit = passage.hit
    start, end = quotable(hit.text, start, end)
    quote = hit.text[start:end]
    carried = support(claim, plain(quote), f"{hit.title} {hit.heading} {header}")
    proof = Proof(hit, hit.start + start, hit.start + end, quote, "verified", carried)
    return Statement(lead + claim, (proof,))


def _within(text: str, sentence: Sentence, limit: int) -> tuple[int, int]:
    start, end = sentence.start, sentence.end
    if end - start <= max(limit, 300):
        return start, end
    cut = text.rfind(" ", start + limit // 2, start + limit)
    return start, cut if cut > 0 else start + limit


def _row(row: str, header: str) -> str:
    """A table row in words: `column: value`, or the values alone when it has no header."""
    values, names = _cells(row), _cells(header)
    if len(names) != len(values):
        return ", ".join(value for value in values if value)
    colon, comma = ("：", "；") if has_cjk(row + header) else (": ", "; ")
    pairs = [(name, value) for name, value in zip(names, values, strict=True) if value]
    return comma.join(f"{name}{colon}{value}" if name else value for name, value in pairs)


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in row.strip().strip("|").split("|")] if row else []


def _length(unit: _Unit) -> int:
    return unit.sentence.end - unit.sentence.start


def _header_words(passage: Passage, unit: _Unit) -> frozenset[str]:
    return _words(header_of(passage.whole, passage.hit.start + unit.sentence.start))


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


@lru_cache(maxsize=1024)  # the same passages are found again and again
def _units(text: str) -> tuple[_Unit, ...]:
    units = (_unit(text, sentence) for sentence in sentences(text))
    return tuple(unit for unit in units if unit.words)


def _unit(text: str, sentence: Sentence) -> _Unit:
    start, end = sentence.start, sentence.end
    body = text[start:end]
    asks, announces = body.endswith(("?", "？")), body.endswith((":", "："))
    pairs = _pairs(body) if has_cjk(body) else _NO_WORDS
    numbered = _NUMBER.search(text, start, end) is not None
    named = _NAME.search(text, start, end) is not None
    penalty = {language: _penalty(sentence, language, asks=asks) for language in _SHORT}
    return _Unit(sentence, frozenset(words(body)), pairs, asks, announces, numbered, named, penalty)


def _pairs(text: str) -> frozenset[str]:
    """Neighbouring characters of scripts without spaces."""
    if text.isascii():
        return frozenset()
    return frozenset(term for term in terms(text) if len(term) == 2 and has_cjk(term))
