"""The fast extraction gives what the plain definition gives."""

import zlib

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.features import PHRASE_ONLY, extract, pack, unpack, word_id
from rag.words import has_cjk, terms, words

MIXED = st.text(
    st.one_of(
        st.sampled_from("中文的一是不了在人有abcXYsz 19_-.,\n\t。，のコカ가é𠀀𪚥Ⅷ①Ｋ"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def plainly(body):
    """Word ids in order, and sorted ids of Chinese terms, one by one."""
    crc = [zlib.crc32(term.encode()) & 0x7FFFFFFF for term in terms(body) if has_cjk(term)]
    return [word_id(word) for word in words(body)], sorted(crc)


@given(MIXED)
@example("这是中文。abc 的 the，年假T20")
@example("𠀀中𪚥")
@settings(deadline=None, max_examples=500)
def test_features_are_those_of_the_definition(body):
    found = extract(body)
    assert (found.body.tolist(), found.grams.tolist()) == plainly(body)


@given(MIXED, MIXED)
@settings(deadline=None, max_examples=100)
def test_packing_loses_nothing(body, heading):
    features = extract(body, heading=heading, title=body[:5], path="a/b")
    found = unpack(pack(features))
    for name in ("body", "grams", "heading", "title", "path"):
        assert np.array_equal(getattr(found, name), getattr(features, name))


def test_words_of_a_dictionary_are_for_phrases_only():
    found = extract("年假申请 leave")
    assert (found.body[:-1] >= PHRASE_ONLY).all()
    assert found.body[-1] < PHRASE_ONLY
