"""The documents of the growth benchmark, and the clock on its stages."""

import struct
import time

import pytest

from bench.growth import documents, stages
from bench.growth.measured import _rise


@pytest.mark.usefixtures("shared_data")
def test_the_same_count_gives_the_same_documents_in_both_languages(tmp_path):
    sizes = [documents.make(tmp_path / name, 8, shelf=5) for name in ("one", "two")]
    texts = [
        [path.read_text("utf-8") for path in sorted((tmp_path / n).rglob("*.md"))] for n in ("one", "two")
    ]
    assert texts[0] == texts[1]
    assert sizes[0] == sum(len(text.encode()) for text in texts[0])
    assert sum(text.isascii() for text in texts[0]) < 8
    assert len(set(texts[0])) == 8


def test_a_copy_has_its_edition_and_a_changed_word_in_every_second_paragraph():
    dice = documents.random.Random(1)
    words = documents.Words("en", ["alpha beta"])
    found = documents._copy(dice, words, "one\n\ntwo\n\nthree", 7).split("\n\n")
    assert found[0] == "Edition 7"
    assert (found[1], found[3]) == ("one", "three")
    assert found[2] in ("two alpha", "two beta")


def test_a_stage_within_a_stage_is_counted_once(tmp_path):
    clock = stages.Clock(tmp_path, "child", {})
    clock._seconds = {"outer": 0.0, "inner": 0.0, **clock._seconds}
    clock._form = struct.Struct("4d")
    clock._note = lambda: None

    def spin():
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass

    inner = clock.timed("inner", spin)
    clock.timed("outer", lambda: (inner(), inner()))()
    assert clock._seconds["inner"] > 0.035
    assert clock._seconds["outer"] < clock._seconds["inner"]


def test_every_stage_is_a_function_of_the_product(tmp_path):
    for stage, (module, name) in {**stages.CHILD, **stages.PARENT}.items():
        owner = stages.importlib.import_module(module)
        for part in name.split("."):
            owner = getattr(owner, part)
        assert callable(owner), stage


def test_memory_that_stays_has_no_slope_and_memory_that_grows_has_one():
    assert abs(_rise([50.0] * 40)) < 1e-6
    assert _rise([float(i) for i in range(1, 41)]) == pytest.approx(16)
