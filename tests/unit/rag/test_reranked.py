from collections.abc import Sequence

import pytest

from rag.errors import Unreachable
from rag.reranked import Reranked, merged
from rag.types import Found, Hit, Message, Principal, Question, Verdict

pytestmark = pytest.mark.anyio
HITS = tuple(
    Hit("d", "v", f"{n}.md", "", None, "", 0, 1, text, score)
    for n, (text, score) in enumerate([("parking", 2.0), ("leave", 1.5), ("canteen", 1.0)])
)
QUESTION = Question("how long is leave", Principal("default"), "en", limit=2)


class Longest:
    """Likes passages that hold a word of the question."""

    name = "longest"

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.questions: list[str] = []

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.questions.append(question)
        if self.fails:
            raise Unreachable("the rerank service is down")
        return [float(text in question) for text in texts]

    async def close(self) -> None: ...


async def everything(question: Question) -> Found:
    return Found(HITS[: question.limit], Verdict(0.9, "confident"))


async def test_both_opinions_count_and_no_more_is_given_than_asked_for() -> None:
    found = await Reranked(everything, Longest())(QUESTION)
    assert [hit.text for hit in found.hits] == ["leave", "parking"]
    assert found.details["reranker"] == "longest"


async def test_when_it_fails_the_first_ranking_stands_and_the_failure_is_told() -> None:
    found = await Reranked(everything, Longest(fails=True))(QUESTION)
    assert [hit.text for hit in found.hits] == ["parking", "leave"]
    assert "down" in str(found.details["reranker_error"])


async def test_a_follow_up_is_read_with_what_was_asked_before() -> None:
    reader = Longest()
    history = (Message("user", "tell me about leave"), Message("assistant", "yes"))
    await Reranked(everything, reader)(Question("how long?", Principal("default"), "en", history))
    assert reader.questions == ["tell me about leave how long?"]


def test_nothing_found_stays_nothing() -> None:
    assert merged([], []) == []


def test_equal_scores_keep_the_first_order() -> None:
    assert [hit.text for hit in merged(HITS, [0.3, 0.3, 0.3])] == ["parking", "leave", "canteen"]
