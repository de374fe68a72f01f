import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.features import PHRASE_ONLY, extract, pack, term_id, unpack
from rag.words import terms


@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=40))
def test_packed_features_come_back_equal(body: str, heading: str, title: str) -> None:
    features = extract(body, heading=heading, title=title)
    again = unpack(pack(features))
    for name in ("body", "grams", "heading", "title", "path"):
        assert np.array_equal(getattr(features, name), getattr(again, name))


@given(st.text(alphabet="abc 年假制度", max_size=80))
def test_searchable_ids_are_those_of_the_terms(body: str) -> None:
    found = extract(body).searchable()
    assert sorted(found.tolist()) == sorted(term_id(term) for term in terms(body))


def test_dictionary_words_are_for_phrases_only() -> None:
    body = extract("报销流程").body
    assert (body >= PHRASE_ONLY).all()
