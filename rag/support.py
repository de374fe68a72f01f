"""How far a quote carries a claim, 0..1: a measure beside verification, never instead of it.

Numbers, dates, units, names and negations of the claim must occur in the quote; the other words
count by overlap. Across languages only numbers and names can be compared.
"""

import re
import unicodedata
from dataclasses import dataclass

from rag import numerals
from rag.numerals import CHINESE, ENGLISH, FIGURES, LONGEST_CHINESE, MONTHS
from rag.remembered import remembered
from rag.words import has_cjk, words

UNSURE_ACROSS = 0.5  # another language and nothing to compare: neither carried nor contradicted
_NUMBER_LOST, _NEGATION_LOST, _NAME_LOST = 0.2, 0.3, 0.4

_NUMBER = re.compile(FIGURES)
_CHINESE_NUMBER = re.compile(
    rf"(?<![哪某同每这那任另])[{CHINESE}]{{1,{LONGEST_CHINESE}}}"
    r"(?=个?(?:天|日|周|星期|月|年|小时|分钟|次|人|倍|工作日|件|台|套|份|元|张|位))"
)
_ENGLISH_WORD = re.compile(r"[A-Za-z]+")
_UNIT_NAMES = {
    "%": "% ％ percent per_cent",
    "day": "day days working_day working_days calendar_days business_days 天 日 工作日 个工作日",
    "hour": "hour hours 小时 个小时",
    "minute": "minute minutes 分钟",
    "week": "week weeks 周 星期 个星期",
    "month": "month months 个月",
    "year": "year years 年",
    "mile": "mile miles",
    "km": "km 公里",
    "¥": "元",
    "kg": "kg 公斤",
    **{size: size for size in ("gb", "mb", "tb")},
}
_UNITS = {name.replace("_", " "): unit for unit, names in _UNIT_NAMES.items() for name in names.split()}
_UNIT = re.compile(
    r"\s?-?(" + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True)) + r")(?![a-z])"
)
_UNIT_WITHIN = 24  # characters behind a number in which its unit ends
_CURRENCY = "£$€¥￥"
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|neither|nor|cannot|without|except)\b|n['’]t\b"
    r"|不(?![同仅但过锈足论管止妨断料])|没有?|无(?![线论人锡])|未(?![来])|勿|禁止|非(?![常洲])"
)
_NAME = re.compile(r"(?<![\w.])(?:[A-Z][a-zA-Z]*\d[\w-]*|[A-Z]{2,}[\w-]*|[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?)")
_STARTS = re.compile(r"(?:^|[.!?:;。！？：；•\n(\"“「]\s*|^[-*]\s+)$")


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be checked: (number, unit or ''), lower-case names, whether something is denied."""

    numbers: frozenset[tuple[float, str]]
    names: frozenset[str]
    denied: bool
    words: frozenset[str]


def support(claim: str, quote: str, context: str = "") -> float:
    """How far `quote`, standing under `context` (title, headings, table header), carries `claim`."""
    if _same(claim, quote):
        return 1.0
    said, held, around = facts(claim), facts(quote), facts(context)
    across = has_cjk(claim) != has_cjk(quote)
    score = _across(said, held, around, claim) if across else _overlap(said.words, held.words, around.words)
    if not numbers_held(said, held, around):
        score *= _NUMBER_LOST
    lost = said.names - held.names - around.names
    if lost and not (across or _known_words(lost, held, around)):
        score *= _NAME_LOST
    if not across and said.denied != held.denied:
        score *= _NEGATION_LOST
    return round(score, 3)


def numbers_held(said: Facts, *held: Facts) -> bool:
    """True when each number of the claim is there, and not with another unit."""
    there = [number for facts in held for number in facts.numbers]
    return all(
        any(value == number and (not unit or not other or unit == other) for value, other in there)
        for number, unit in said.numbers
    )


@remembered(4096)
def facts(text: str) -> Facts:
    """The checkable parts of a text."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return Facts(_numbers(text), _names(text), bool(_NEGATION.search(text.lower())), frozenset(words(text)))


def _same(claim: str, quote: str) -> bool:
    return claim == quote or "".join(claim.split()) == "".join(quote.split())


def _overlap(said: frozenset[str], held: frozenset[str], around: frozenset[str]) -> float:
    """Share of the claim's words in the quote; what only its surroundings hold counts .7."""
    if not said:
        return 0.0
    inside = len(said & held)
    return (inside + 0.7 * len((said - held) & around)) / len(said)


def _across(said: Facts, held: Facts, around: Facts, claim: str) -> float:
    """Share of the claim's numbers and Latin names; between languages names may be translated."""
    checked = len(said.numbers)
    score = float(checked) if numbers_held(said, held, around) else 0.0
    # An English claim's plain names may stand in Chinese in the quote: only codes must be equal.
    names = {name for name in said.names if has_cjk(claim) or any(c.isdigit() for c in name)}
    score += len(names & (held.names | around.names))
    checked += len(names)
    return score / checked if checked else UNSURE_ACROSS


def _known_words(lost: frozenset[str], held: Facts, around: Facts) -> bool:
    """True when each name is there after all, written small or inflected."""
    there = held.words | around.words
    return all(there.issuperset(words(name)) for name in lost)


def _numbers(text: str) -> frozenset[tuple[float, str]]:
    found: set[tuple[float, str]] = set()
    for match in _NUMBER.finditer(text):
        found.add((numerals.value(match[0]), _unit(text, match.start(), match.end())))
    if text.isascii() or _ENGLISH_WORD.search(text):
        found |= _spelled(text)
    for match in _CHINESE_NUMBER.finditer(text):
        found.add((numerals.value(match[0]), _unit(text, match.start(), match.end())))
    return frozenset(found)


def _unit(text: str, start: int, end: int) -> str:
    before = text[start - 1 : start].strip()
    if before and before in _CURRENCY:
        return "¥" if before == "￥" else before
    unit = _UNIT.match(text[end : end + _UNIT_WITHIN].lower())
    return _UNITS[unit[1]] if unit else ""


def _spelled(text: str) -> set[tuple[float, str]]:
    found: set[tuple[float, str]] = set()
    for match in _ENGLISH_WORD.finditer(text):
        word = match[0].lower()
        if word in ENGLISH and word != "one":  # "one" is mostly a pronoun
            found.add((ENGLISH[word], _unit(text, match.start(), match.end())))
        elif word in MONTHS and _beside_number(text, match.start(), match.end()):
            found.add((float(MONTHS[word]), ""))
    return found


def _beside_number(text: str, start: int, end: int) -> bool:
    return text[max(0, start - 2) : start].strip()[-1:].isdigit() or text[end : end + 2].strip()[:1].isdigit()


def _names(text: str) -> frozenset[str]:
    """Codes, abbreviations, and capitalised words that do not open a sentence."""
    found = set()
    for match in _NAME.finditer(text):
        name = match[0]
        if name[1:].islower() and _STARTS.search(text[max(0, match.start() - 4) : match.start()]):
            continue
        found.add(name.lower())
    return frozenset(found - MONTHS.keys())
