import numpy as np

from rag.catalog import sketch
from rag.clusters import leaders
from rag.embedders.hashing import Hashing
from rag.embedders.wordllama import WordLlama
from rag.query import analyse
from rag.words import without_question_words

GYM = ["Can I get my gym membership reimbursed?", "Is gym membership reimbursed?"]
STOCK = ["公司的股票代码是多少？", "公司股票代码是什么？"]
MIXED = [GYM[0], STOCK[0], "Who won the football world cup of 1954?", GYM[1], STOCK[1]]


def led(questions: list[str], embedder: WordLlama | Hashing) -> list[int]:
    known = sketch.empty()
    texts = [without_question_words(question) for question in questions]
    bags = []
    for text in texts:
        query = analyse(text, known)
        bags.append(dict(zip(query.term_ids.tolist(), query.term_weights.tolist(), strict=True)))
    return leaders(embedder.passages(texts).astype(np.float32), bags)


def test_questions_that_mean_the_same_stand_together_in_both_languages() -> None:
    for embedder in (WordLlama(), Hashing()):
        assert led(MIXED, embedder) == [0, 1, 2, 0, 1]


def test_a_new_question_does_not_move_those_before_it() -> None:
    embedder = WordLlama()
    assert led([*MIXED, "Is there a bus to Suzhou?"], embedder)[: len(MIXED)] == led(MIXED, embedder)


def test_a_question_without_words_leads_itself() -> None:
    assert led(["???", "！！"], Hashing()) == [0, 1]


def test_nothing_gives_nothing() -> None:
    assert leaders(np.zeros((0, 4), np.float32), []) == []
