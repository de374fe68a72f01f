"""Questions that point at something they do not name: "this library", said to nobody about none.

On MTRAG-UN the rule finds 14 of 78 such questions and takes 4 of 285 clear ones for them; answered
with evidence, those pass all the same. Words like "the park" are as often clear as not, so they are left.
"""

import re
from collections.abc import Sequence

from rag.types import Hit, Language, Message
from rag.wording import ASKS
from rag.words import stem, without_question_words, words

_MOST = 4  # choices that are offered
_FEW = 2  # words with a meaning: "how much does this cost?"
# Words after which "this" points at nothing outside the sentence, or at the calendar.
_POINTS = re.compile(
    r"\b(?:this|these|those)\s+"
    r"(?!(?:is|are|was|were|kinds?|types?|sorts?|way|year|month|week|morning|evening|summer|winter|spring"
    r"|autumn|quarter|time|case|question|not|also|can|will|would|should|in|on|at|of|to|for|by|with|and|or|who"
    r"|which|that|the|days?|hours?|minute|moment|afternoon|weekend|season|coming|past|last|next|fiscal"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december)\b)([a-z]{3,})",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|this|that|these|those|they|them|he|him|she|her)\b", re.IGNORECASE)
_DEPARTMENT = re.compile(r"\bIT\b")
# "does it take long to", "is it allowed to": here "it" stands for what comes behind.
_AHEAD = re.compile(
    r"\bit\s+(?:(?:is|be|usually|normally|really|still|ever|also)\s+){0,3}(?:means?|takes?|costs?|possible|ok|okay"
    r"|fine|allowed|permitted|legal|safe|necessary|required|mandatory|better|best|worth|true|make sense"
    r"|important|enough|normal|common|hard|easy|difficult)\b(?=.*\b(?:to|if|that|when)\b)",
    re.IGNORECASE,
)
# "documents that expire": the word before is what it points at, unless it ends the question.
_RELATIVE = re.compile(r"\b(\w+) that(?= \w)", re.IGNORECASE)
_POINTS_ZH = re.compile(
    r"[这那](?:个|款|位|种|家|项|份|台|条|次|本|辆)(?!月|星期|周|季度|问题|时候)|^(?:它|他|她)们?"
)
_STARTS_ZH = re.compile(r"(?:请问)?(?:(?:它|他|她)们?|[这那]个(?!月|星期|周|季度|问题|时候))")
_NAMED_ZH = re.compile(r"[A-Za-z0-9`\"”』」》)）]$")  # "T40 这款产品": its name stands right before
_ASKS_BACK: dict[Language, str] = {
    "en": "The question does not say what it is about. Did you mean one of these?",
    "zh": "问题没有说明指的是什么。您是想问下面哪一个？",
}


def is_unclear(text: str, history: Sequence[Message]) -> bool:
    """True when the question points at something that neither it nor what was said before names."""
    if is_empty(text, history) or (not history and _points_zh(text)):
        return True
    pointed = list(_POINTS.finditer(text))
    if not pointed:
        return False
    said = {word for turn in history for word in words(turn.content)}
    done = 0
    for match in pointed:
        said.update(words(text[done : match.start()]))  # "my router is slow, does this router ...?"
        done = match.start(1)
        if (word := stem(match[1])) and word not in said:
            return True
    return False


def is_empty(text: str, history: Sequence[Message]) -> bool:
    """True when the question says next to nothing without what it points at: no evidence can mend that."""
    if history:
        return False
    starts = _STARTS_ZH.match(text)
    said = words(without_question_words(text[starts.end() if starts else 0 :]))
    return len(said) <= _FEW and bool(starts or _has_pronoun(text))


def choices(hits: Sequence[Hit]) -> tuple[str, ...]:
    """What the question may be about: headings under their titles, best first, each once."""
    found = dict.fromkeys(_subject(hit) for hit in hits)
    return tuple(found)[:_MOST]


def ask_back(hits: Sequence[Hit], language: Language) -> str:
    """The question in return, with the choices in lines."""
    return "\n".join([_ASKS_BACK[language], *(f"- {choice}" for choice in choices(hits))])


def _has_pronoun(text: str) -> bool:
    """True when one points outside the question; in capitals IT is a department."""
    text = text if text.isupper() else _DEPARTMENT.sub(" ", text)
    text = _RELATIVE.sub(lambda match: " " if words(match[1]) else match[0], _AHEAD.sub(" ", text))
    return _PRONOUN.search(text) is not None


def _points_zh(text: str) -> bool:
    """True when a thing is pointed at that does not stand earlier in the question."""
    for match in _POINTS_ZH.finditer(text):
        before, thing = text[: match.start()].rstrip(), text[match.end() : match.end() + 2].strip()
        if not (_NAMED_ZH.search(before) or (len(thing) == 2 and thing in before)):
            return True
    return False


def _subject(hit: Hit) -> str:
    last = hit.heading.rpartition(" > ")[2].strip()
    if last.endswith(ASKS):
        return last
    return f"{hit.title}: {last}" if last and last != hit.title else hit.title
