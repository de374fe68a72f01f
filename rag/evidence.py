"""How sure retrieval is that the passages answer: one number, a band and a typed reason.

raw = coverage of the question's words in the best three passages
      + .7 keyword score + .5 and .3 cosines of rare words and of the nearest sentence
      + .3 lead over the fifth + .2 word pairs - .2 for "this place", when none was named (`rag.unclear`)

The parts and weights were chosen on three sets and hold on two more; models learned on other sets
did worse than this sum on a set they had not seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.features import Features
from rag.query import Analysed
from rag.rank import covered
from rag.types import Reason, Verdict

# `Answer.evidence` is .5 where about one answerable question in twenty would be refused.
UNSURE, CONFIDENT = 0.5, 0.8
_STEEPNESS = 4.0
_FAR = 100.0  # from the threshold: the evidence is 0 or 1 long before


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of the best passage. Scores are over the most that the question could reach."""

    keywords: float
    rare: float
    sentence: float
    phrases: float
    lead: float


def raw(query: Analysed, best: Sequence[Features], signs: Signs, *, unclear: bool = False) -> float:
    """The sum. `best` are the first three passages, `query` is the last question alone."""
    total = covered(query, best[:3]) + 0.7 * signs.keywords + 0.2 * signs.phrases + 0.3 * signs.lead
    total += 0.5 * max(0.0, signs.rare) + 0.3 * max(0.0, signs.sentence)
    return total - (0.2 if unclear else 0.0)


def judge(found: float, enough: float, query: Analysed, best: Sequence[Features]) -> Verdict:
    """Evidence 0..1, `UNSURE` where the sum is just `enough`."""
    if not best:
        return Verdict(0.0, "not_found", "nothing_near")
    above = max(-_FAR, min(_FAR, found - enough))
    evidence = round(1 / (1 + math.exp(-_STEEPNESS * above)), 4)
    if evidence >= CONFIDENT:
        return Verdict(evidence, "confident")
    if evidence >= UNSURE:
        return Verdict(evidence, "unsure")
    return Verdict(evidence, "not_found", _reason(query, best[:3]))


def _reason(query: Analysed, best: Sequence[Features]) -> Reason:
    if not covered(query, best):
        return "nothing_near"
    rarest = query.word_set[np.argmax(query.word_weights)]
    named = any(rarest in (*f.body, *f.heading, *f.title) for f in best)
    return "low_evidence" if named else "other_subject"
