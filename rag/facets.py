"""The texts that a question is searched by: itself, and what was said before it.

A follow-up is searched three times: by its own words, together with the two questions before it, and
by the answer before it. Each search ranks alone and their scores, each over its maximum, are added:
words joined into one query would drown the new ones (MTRAG-UN: MRR .92 against .88).

Where documents of both languages are, a question is searched in the words of the other one as well.
How much that counts is found out among the candidates (`rag.looks`).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.catalog.sketch import Sketch
from rag.closeness import Closeness
from rag.embedders import Embedder
from rag.query import LIMIT, Analysed, analyse
from rag.types import Language, Message, Question
from rag.words import has_cjk, terms, without_question_words

_EARLIER = 2  # questions before this one that are searched with it; three and more did harm
_ANSWER, _ANSWER_CHARACTERS = 0.3, 1000
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Facet:
    """A text to search by, and how much its ranking counts. The whole one says what is asked.

    The weight of a translation is the share of the question that it says.
    """

    text: str
    weight: float = 1.0
    is_whole: bool = False
    language: Language | None = None  # of a translation


def facets(question: Question, translation: str = "", known: float = 1.0) -> tuple[Facet, ...]:
    """The question alone first; with what was asked before it second; its translation last.

    `known` is the share of the question that the translation says.
    """
    asked = _said(question.history, "user")[-_EARLIER:]
    found = [Facet(question.text, is_whole=not asked)]
    if asked:
        found.append(Facet(_joined([*asked, question.text]), is_whole=True))
    if answers := _said(question.history, "assistant"):
        found.append(Facet(answers[-1][:_ANSWER_CHARACTERS], _ANSWER))
    if translation:
        found.append(Facet(translation, known, language="zh" if has_cjk(translation) else "en"))
    return tuple(found)


def _said(history: tuple[Message, ...], role: str) -> list[str]:
    return [turn.content for turn in history if turn.role == role and turn.content.strip()]


def _joined(asked: list[str]) -> str:
    """Questions as they were asked; the newest first when not all their words can be searched."""
    text = " ".join(asked)
    fits = len(set(terms(without_question_words(text)))) <= LIMIT
    return text if fits else " ".join(reversed(asked))


class Search:
    """A facet made ready: hashed words with weights, and its vectors."""

    def __init__(self, facet: Facet, sketch: Sketch, embedder: Embedder, closeness: Closeness | None) -> None:
        self.weight, self.is_whole, self.language = facet.weight, facet.is_whole, facet.language
        self.text = facet.text
        self.query: Analysed = analyse(facet.text, sketch)
        self.mean: Floats = embedder.query(facet.text)
        self._sketch, self._closeness = sketch, closeness

    @cached_property
    def rare(self) -> Floats:
        """The vector in which rare words count more; the plain one of other embedders."""
        if self._closeness is None:
            return self.mean
        return self._closeness.rare(self.text, self._sketch)
