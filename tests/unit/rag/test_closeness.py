from dataclasses import replace

import numpy as np
import pytest

from rag.catalog.chunks import Passage
from rag.catalog.sketch import empty
from rag.closeness import Closeness, Looked, weights_of
from rag.embedders import WordEmbedder
from rag.embedders.wordllama import connect
from rag.features import extract
from rag.settings import Settings

TEXTS = (
    "Staff have 25 days of annual leave. Ask your manager first.",
    "The car park opens at seven.",
    "食堂早餐七点开始。",
)
FEATURES = [extract(text) for text in TEXTS]
SKETCH = empty().changed(FEATURES, [])
EMBEDDER = connect("", Settings())


def passage(i: int, heading: tuple[str, ...] = ()) -> Passage:
    return Passage(i, f"v{i}", 0, 0, len(TEXTS[i]), None, heading, FEATURES[i], np.zeros(256, np.float16))


def looked(closeness: Closeness, *, seq: int = 1) -> Looked:
    return closeness.passages("t", seq, SKETCH, [(passage(i), "Title", text) for i, text in enumerate(TEXTS)])


def test_the_default_embedder_is_quick_enough_for_a_second_look() -> None:
    assert isinstance(EMBEDDER, WordEmbedder)


def test_the_passage_with_the_nearest_sentence_stands_out() -> None:
    closeness = Closeness(EMBEDDER)
    near = looked(closeness).near(
        EMBEDDER.query("days of annual leave"), closeness.rare("annual leave", SKETCH)
    )
    assert near.sentence.argmax() == near.rare.argmax() == 0
    assert len(near.sentence) == len(near.rare) == len(near.heading) == len(TEXTS)


def test_the_second_time_gives_the_same() -> None:
    closeness = Closeness(EMBEDDER)
    first, again = looked(closeness), looked(closeness)
    assert np.array_equal(first.sentences, again.sentences)
    assert np.array_equal(first.rare, again.rare)


def test_what_is_kept_equals_what_is_made_anew_after_a_change() -> None:
    closeness = Closeness(EMBEDDER)
    looked(closeness, seq=1)
    assert np.array_equal(looked(closeness, seq=2).rare, looked(Closeness(EMBEDDER), seq=2).rare)


def test_the_last_heading_is_compared_and_the_title_where_there_is_none() -> None:
    closeness = Closeness(EMBEDDER)
    read = [
        (passage(0, ("Staff", "Annual leave")), "Title", TEXTS[0]),
        (passage(1), "Annual leave", TEXTS[1]),
    ]
    heading = closeness.passages("t", 1, SKETCH, read).heading
    assert np.allclose(heading[0], heading[1])


def test_rare_words_count_more_than_common_ones_and_stop_words_least() -> None:
    rare, common, stop = weights_of(["zeppelin,", "leave", "the"], SKETCH)
    assert rare > common > stop > 0


def test_ideographs_are_weighed_one_by_one() -> None:
    known, unknown = weights_of(["早", "鲸"], SKETCH)
    assert unknown > known > 0


def test_an_erased_tenant_is_forgotten() -> None:
    closeness = Closeness(EMBEDDER)
    looked(closeness)
    closeness.forget("t")
    other = [(replace(passage(0), id=1), "Title", "Something else entirely.")]
    fresh = closeness.passages("t", 1, SKETCH, other)
    assert np.array_equal(fresh.sentences, Closeness(EMBEDDER).passages("t", 1, SKETCH, other).sentences)


@pytest.mark.parametrize(("text", "is_kept"), [("Parking is free.", True), ("- a b\n" * 150, False)])
def test_what_is_kept_is_bounded_by_its_size_not_by_the_number_of_passages(
    text: str, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    closeness = Closeness(EMBEDDER, most=100_000)
    read = [(passage(i), "Title", text) for i in range(len(TEXTS))]
    first = closeness.passages("t", 1, SKETCH, read)
    made: list[int] = []
    monkeypatch.setattr(
        closeness, "_make", lambda *a: made.append(len(a[2])) or Closeness._make(closeness, *a)
    )
    assert np.array_equal(closeness.passages("t", 1, SKETCH, read).sentences, first.sentences)
    assert (not made) is is_kept
