import numpy as np

from rag.catalog.sketch import Sketch, empty
from rag.features import Features, extract
from rag.query import analyse
from rag.rank import Ranking, covered, rank


def ranked(question: str, *candidates: Features, vectors: tuple[float, ...] = ()) -> Ranking:
    sketch = corpus(*candidates)
    cosines = np.array(vectors or [0.0] * len(candidates), dtype=np.float32)
    return rank(analyse(question, sketch), list(candidates), cosines, sketch)


def corpus(*candidates: Features) -> Sketch:
    others = [extract(text) for text in ("coffee machine", "parking space", "食堂 菜单", "班车 时刻")]
    return empty().changed([*candidates, *others], [])


def test_the_passage_with_the_rarer_word_comes_first() -> None:
    common = extract("the travel policy says travel is fun and travel again")
    rare = extract("per diem for travel")
    found = ranked("travel per diem", common, rare)
    assert found.order[0] == 1


def test_words_in_order_beat_the_same_words_apart() -> None:
    apart = extract("leave your badge at the desk; the annual report is out; parental matters follow")
    together = extract("annual leave is twenty days; other matters of the report follow at the desk")
    found = ranked("annual leave", apart, together)
    assert found.phrases[1] > found.phrases[0]
    assert found.order[0] == 1


def test_a_heading_counts_for_its_passage() -> None:
    bare = extract("twenty days a year")
    headed = extract("twenty days a year", heading="Annual leave")
    assert ranked("annual leave", bare, headed).order[0] == 1


def test_chinese_is_found_by_characters_and_weighed_by_words() -> None:
    food = extract("食堂早餐七点开始")
    leave = extract("员工入职满一年享有五天年假")
    found = ranked("年假有几天", food, leave)
    assert found.order[0] == 1
    assert found.coverage[1] > found.coverage[0]


def test_without_a_common_word_the_vectors_decide() -> None:
    found = ranked("zebra", extract("one"), extract("two"), vectors=(0.1, 0.6))
    assert found.order[0] == 1
    assert found.bm.max() == 0


def test_no_candidates_give_an_empty_ranking() -> None:
    assert len(ranked("anything").order) == 0


def test_coverage_is_of_the_passages_together() -> None:
    query = analyse("annual leave policy", corpus())
    some = covered(query, [extract("annual")])
    assert some < covered(query, [extract("annual"), extract("leave policy")]) == 1.0
