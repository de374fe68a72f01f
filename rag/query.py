"""A question as retrieval sees it: hashed terms and words with their weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.catalog.sketch import Sketch
from rag.features import Ids, term_id, word_id
from rag.words import terms, without_numerals_asked, without_question_words, words

LIMIT = 64  # terms of a question that count; a pasted page is not a question


@dataclass(frozen=True, slots=True)
class Analysed:
    """`terms` are searched (once each); `words` keep the order of the question for phrases.

    `term_ids` and `word_set` are sorted; the weights stand in the same order.
    """

    terms: tuple[str, ...]
    term_ids: Ids
    term_weights: NDArray[np.float32]
    words: Ids
    word_names: tuple[str, ...]
    word_set: Ids
    word_weights: NDArray[np.float32]

    def weights(self) -> dict[str, float]:
        """How much each word counts, by its name."""
        known = dict(zip(self.word_set.tolist(), self.word_weights.tolist(), strict=True))
        return {name: known[word] for name, word in zip(self.word_names, self.words.tolist(), strict=True)}


def analyse(text: str, sketch: Sketch) -> Analysed:
    """Terms and words of a question, Chinese question words left out."""
    text = without_question_words(text)
    names = tuple(dict.fromkeys(terms(text)))[:LIMIT]
    order = words(without_numerals_asked(text))[:LIMIT]
    term_ids = np.unique(np.array([term_id(name) for name in names], dtype=np.uint32))
    sequence = np.array([word_id(word) for word in order], dtype=np.uint32)
    word_set = np.unique(sequence)
    return Analysed(
        terms=names,
        term_ids=term_ids,
        term_weights=sketch.idf(term_ids),
        words=sequence,
        word_names=tuple(order),
        word_set=word_set,
        word_weights=sketch.idf(word_set),
    )
