"""Questions that point at something they do not name: "this library", said to nobody about none.

On MTRAG-UN the rule finds 14 of 78 such questions and takes 4 of 285 clear ones for them; answered
with evidence, those pass all the same. Words like "the park" are as often clear as not, so they are left.
"""

import re
from collections.abc import Sequence

from rag.types import Hit, Language, Message
from rag.words import stem, without_question_words, words

_MOST = 4  # choices that are offered
_FEW = 2  # words with a meaning: "how much does this cost?"
# Words after which "this" points at nothing outside the sentence, or at the calendar.
_POINTS = re.compile(
    r"\b(?:this|these|those)\s+"
    r"(?!(?:is|are|was|were|kinds?|types?|sorts?|way|year|month|week|morning|evening|summer|winter|spring"
    r"|autumn|quarter|time|case|question|not|also|can|will|would|should|in|on|at|of|to|for|by|with|and|or|who"
    r"|which|that|the)\b)([a-z]{3,})",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|this|that|these|those|they|them|he|him|she|her)\b", re.IGNORECASE)
_POINTS_ZH = re.compile(
    r"[这那](?:个|款|位|种|家|项|份|台|条|次|本|辆)(?!月|星期|周|季度|问题|时候)|^(?:它|他|她)们?"
)
_STARTS_ZH = re.compile(r"(?:请问)?(?:它|他|她|[这那]个)")
_ASKS_BACK: dict[Language, str] = {
    "en": "The question does not say what it is about. Did you mean one of these?",
    "zh": "问题没有说明指的是什么。您是想问下面哪一个？",
}


def is_unclear(text: str, history: Sequence[Message]) -> bool:
    """True when the question points at something that neither it nor what was said before names."""
    if is_empty(text, history) or (not history and _POINTS_ZH.search(text)):
        return True
    pointed = [stem(match.group(1)) for match in _POINTS.finditer(text)]
    if not pointed:
        return False
    said = {word for turn in history for word in words(turn.content)}
    return any(word and word not in said for word in pointed)


def is_empty(text: str, history: Sequence[Message]) -> bool:
    """True when the question says next to nothing without what it points at: no evidence can mend that."""
    if history or len(words(without_question_words(text))) > _FEW:
        return False
    return bool(_PRONOUN.search(text) or _STARTS_ZH.match(text))


def choices(hits: Sequence[Hit]) -> tuple[str, ...]:
    """What the question may be about: headings under their titles, best first, each once."""
    found = dict.fromkeys(_subject(hit) for hit in hits)
    return tuple(found)[:_MOST]


def ask_back(hits: Sequence[Hit], language: Language) -> str:
    """The question in return, with the choices in lines."""
    return "\n".join([_ASKS_BACK[language], *(f"- {choice}" for choice in choices(hits))])


def _subject(hit: Hit) -> str:
    last = hit.heading.rpartition(" > ")[2].strip()
    if last.endswith(("?", "？")):
        return last
    return f"{hit.title}: {last}" if last and last != hit.title else hit.title
