import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.catalog.sketch import empty, unpack
from rag.features import extract, term_id

TEXTS = st.lists(st.text(alphabet="abc de 年假", min_size=1, max_size=30), max_size=6)


@given(TEXTS, TEXTS)
def test_what_is_removed_leaves_nothing_behind(stay: list[str], go: list[str]) -> None:
    kept, gone = [extract(text) for text in stay], [extract(text) for text in go]
    through = empty().changed([*kept, *gone], []).changed([], gone)
    direct = empty().changed(kept, [])
    assert through.chunks == direct.chunks
    assert np.array_equal(through.counts, direct.counts)
    assert np.array_equal(through.lengths, direct.lengths)


def test_a_rare_term_weighs_more_than_a_common_one() -> None:
    sketch = empty().changed([extract("leave policy"), extract("leave rules"), extract("leave")], [])
    rare, common = sketch.idf(np.array([term_id("polici"), term_id("leav")], dtype=np.uint32))
    assert rare > common > 0


def test_a_packed_sketch_comes_back_equal() -> None:
    sketch = empty().changed([extract("annual leave 年假")], [])
    again = unpack(sketch.pack())
    assert np.array_equal(sketch.counts, again.counts)
    assert again.chunks == 1
