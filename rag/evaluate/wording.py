"""An answer's words against those of the gold answer: lower case, without punctuation and markers.

Tokens are words in English and single characters in Chinese, as in SQuAD (Rajpurkar et al. 2016)
and CMRC 2018 (Cui et al. 2019); English articles count like any other word.
"""

from collections import Counter
from collections.abc import Sequence

from rag.cite import unmark
from rag.sentences import plain
from rag.support import facts
from rag.words import is_cjk, runs


def tokens(text: str) -> list[str]:
    """Words and Chinese characters in reading order, lower case."""
    found: list[str] = []
    for run in runs(text):
        found.extend(run if is_cjk(run) else [run.lower()])
    return found


def said(answer: str) -> str:
    """An answer's text without citation markers and markup."""
    return plain(unmark(answer)[0])


def contains(answer: str, reference: str) -> bool:
    """Whether the words of the reference stand in the answer, in a row."""
    wanted = tokens(plain(reference))
    if not wanted:
        return False
    return f" {' '.join(wanted)} " in f" {' '.join(tokens(said(answer)))} "


def recall_and_f1(answer: str, reference: str) -> tuple[float, float]:
    """Share of the reference's tokens in the answer, and the harmonic mean with the share that fits."""
    given, wanted = Counter(tokens(said(answer))), Counter(tokens(plain(reference)))
    common = (given & wanted).total()
    if not common:
        return 0.0, 0.0
    recall, precision = common / wanted.total(), common / given.total()
    return recall, 2 * recall * precision / (recall + precision)


def numbers_right(answer: str, reference: str) -> bool | None:
    """Whether all numbers of the reference occur in the answer; None where it has none."""
    wanted = _numbers(reference)
    return wanted <= _numbers(said(answer)) if wanted else None


def measures(answer: str, reference: str, references: Sequence[str]) -> dict[str, float]:
    """The best over the references, as SQuAD has it; numbers are those of `reference`, the first of all."""
    scored = [recall_and_f1(answer, one) for one in references]
    made = {
        "contains": float(any(contains(answer, one) for one in references)),
        "answer_recall": max(recall for recall, _ in scored),
        "answer_f1": max(f1 for _, f1 in scored),
    }
    right = numbers_right(answer, reference)
    return made if right is None else made | {"numbers": float(right)}


def _numbers(text: str) -> frozenset[float]:
    """Values of figures and of number words with a unit."""
    return frozenset(value for value, _ in facts(text).numbers)
