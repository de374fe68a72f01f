import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.catalog.sketch import empty
from rag.evidence import CONFIDENT, UNSURE, Signs, judge, raw
from rag.features import extract
from rag.query import analyse

PASSAGES = [extract(text) for text in ("annual leave is 25 days", "parking is free", "食堂 菜单 早餐")]
SKETCH = empty().changed(PASSAGES, [])
SIGNS = Signs(keywords=0.5, rare=0.4, sentence=0.4, phrases=0.2, lead=0.3)
NOTHING = Signs(0.0, 0.0, 0.0, 0.0, 0.0)


def test_more_of_every_sign_is_more_evidence() -> None:
    query = analyse("annual leave", SKETCH)
    before = raw(query, PASSAGES[:1], SIGNS)
    for name in ("keywords", "rare", "sentence", "phrases", "lead"):
        more = Signs(**{**{n: getattr(SIGNS, n) for n in Signs.__slots__}, name: 0.9})
        assert raw(query, PASSAGES[:1], more) > before, name


def test_a_question_that_points_at_nothing_has_less() -> None:
    query = analyse("annual leave", SKETCH)
    assert raw(query, PASSAGES[:1], SIGNS, unclear=True) < raw(query, PASSAGES[:1], SIGNS)


@given(st.floats(-5, 10), st.floats(0.1, 3))
def test_evidence_is_between_nought_and_one_and_half_where_it_is_just_enough(
    found: float, enough: float
) -> None:
    query = analyse("annual leave", SKETCH)
    verdict = judge(found, enough, query, PASSAGES[:1])
    assert 0 <= verdict.evidence <= 1
    assert (verdict.evidence >= UNSURE) == (verdict.band != "not_found")
    assert (verdict.evidence >= CONFIDENT) == (verdict.band == "confident")
    assert judge(enough, enough, query, PASSAGES[:1]).evidence == UNSURE


@pytest.mark.parametrize(
    ("question", "best", "reason"),
    [
        ("zeppelin maintenance", PASSAGES[1:2], "nothing_near"),
        ("annual leave of zeppelin pilots", PASSAGES[:1], "other_subject"),
        ("annual leave", PASSAGES[:1], "low_evidence"),
        ("食堂在火星吗", PASSAGES[2:], "other_subject"),
    ],
)
def test_a_refusal_says_of_what_kind_it_is(question: str, best: list, reason: str) -> None:
    assert judge(0.0, 1.0, analyse(question, SKETCH), best).reason == reason


def test_without_a_passage_nothing_is_near() -> None:
    verdict = judge(9.0, 1.0, analyse("annual leave", SKETCH), [])
    assert (verdict.evidence, verdict.band, verdict.reason) == (0.0, "not_found", "nothing_near")


def test_a_question_without_words_is_refused_not_failed() -> None:
    query = analyse("???", SKETCH)
    assert np.isfinite(raw(query, PASSAGES, NOTHING))
    assert judge(0.0, 1.0, query, PASSAGES).band == "not_found"


@pytest.mark.parametrize(("enough", "evidence"), [(1e9, 0.0), (-1e9, 1.0)])
def test_a_threshold_out_of_reach_is_no_error(enough: float, evidence: float) -> None:
    assert judge(1.0, enough, analyse("annual leave", SKETCH), PASSAGES).evidence == evidence
