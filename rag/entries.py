"""Entries of an FAQ: when a question is so nearly one of theirs that the entry itself is the answer.

An entry is a section whose heading asks; its wordings stand in the heading, divided by ` / `.
Near-certain means: the same words after folding, or the same content words with the same kind of
question (who, when, how many, ...) and the same negation. Anything looser is left to retrieval: a
question about Mondays is not one about Sundays.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.pack import Passage, join
from rag.wording import ASKS, BETWEEN, fold
from rag.words import has_cjk, without_question_words, words

_LOOKED_AT = 10  # passages, best first
_FREE_ORDER = 3  # so few content words mean the same in any order
_LEAST = 2  # content words; one alone says too little to be certain
_MARKS = re.compile(r"^[\s#>*]+")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "many",
            r"\bhow (?:many|much|long|often|far|old|big|fast|soon|late|early|high)\b"
            "|多少|多久|多长|多大|多远|多快|几",
        ),
        ("why", r"\bwhy\b|\bhow come\b|为什么|为何|为啥"),
        ("when", r"\bwhen\b|\bwhat (?:time|day|date)\b|什么时候|何时|哪天|几点"),
        ("where", r"\bwhere\b|哪里|哪儿|在哪|何处"),
        ("who", r"\bwho(?:m|se)?\b|谁|哪位|找哪"),
        ("how", r"\bhow\b|怎么|怎样|如何"),
        ("which", r"\bwhich\b|哪个|哪些|哪种"),
        ("what", r"\bwhat\b|什么"),
    )
)
_NOT = re.compile(r"\b(?:not|no|never|without|cannot|none)\b|n['’]t\b|不|没|無|无|别|未|非")


def entry_for(question: str, passages: Sequence[Passage]) -> Passage | None:
    """The whole entry that asks what is asked, below its heading; None when none surely does.

    Its parts are put together as far as they are among the passages; its neighbours are other entries.
    """
    looked = passages[:_LOOKED_AT]
    for passage in looked:
        heading = passage.hit.heading.rpartition(" > ")[2]
        if heading.endswith(ASKS) and any(is_same(question, w) for w in heading.split(BETWEEN)):
            parts = join([one for one in looked if _entry(one) == _entry(passage)])
            return _below(parts[0], heading)
    return None


def is_same(question: str, wording: str) -> bool:
    """Whether two questions surely ask for the same."""
    if fold(question) == fold(wording):
        return True
    if _kind(question) != _kind(wording) or _negations(question) != _negations(wording):
        return False
    asked, known = _content(question), _content(wording)
    if len(known) < _LEAST and not has_cjk(wording):
        return False
    return asked == known or (len(known) <= _FREE_ORDER and sorted(asked) == sorted(known))


def _entry(passage: Passage) -> tuple[str, str]:
    return passage.hit.version, passage.hit.heading


def _below(passage: Passage, heading: str) -> Passage | None:
    """The entry without the line that asks."""
    text = passage.hit.text
    end = text.find("\n")
    if end < 0 or fold(_MARKS.sub("", text[:end])) != fold(heading):
        return passage  # its heading stands in another chunk
    body = text[end:].lstrip()
    if not body:
        return None
    start = passage.hit.start + len(text) - len(body)
    return replace(passage, hit=replace(passage.hit, start=start, text=body))


def _content(text: str) -> list[str]:
    return [word for word in words(without_question_words(text)) if word.strip()]


def _kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "whether")


def _negations(text: str) -> int:
    return len(_NOT.findall(text))
