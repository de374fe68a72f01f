"""The rulers, the paired bootstrap, and what a peer's process is asked."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.peers import environments
from bench.peers.figures import characters, cut, difference, interval, measure, rank
from bench.peers.job import Ask, Job, Place, read_lines, write
from bench.peers.lancedb_script import OVERLAP, SIZE, pieces
from bench.peers.questions import Case, forms
from bench.peers.runs import SYSTEMS
from bench.shared import Gold

GOLD = (Gold("a.md", 100, 200),)
MISS: Place = ("b.md", 0, 400)
HIT: Place = ("a.md", 150, 400)


def test_a_passage_that_overlaps_the_gold_hits() -> None:
    assert rank(GOLD, [MISS, HIT]) == 2


def test_a_passage_that_only_touches_the_gold_misses() -> None:
    assert rank(GOLD, [("a.md", 0, 100), ("a.md", 200, 300)]) is None


def test_the_same_offsets_in_another_file_miss() -> None:
    assert rank(GOLD, [("b.md", 100, 200)]) is None


def test_any_of_several_golds_suffices() -> None:
    assert rank((Gold("c.md", 0, 1), *GOLD), [HIT]) == 1


def test_the_budget_shortens_the_passage_that_reaches_over_its_end() -> None:
    assert cut([MISS, HIT], 450) == [MISS, ("a.md", 150, 200)]


def test_nothing_is_kept_after_the_budget_is_spent() -> None:
    assert cut([MISS, HIT], 400) == [MISS]


def test_a_gold_behind_the_budget_is_no_hit() -> None:
    passage: Place = ("a.md", 0, 400)
    found = measure([GOLD], [[passage]], [100, 101])
    assert (found["hit_in_100"][0], found["hit_in_101"][0]) == (0, 1)


def test_the_chunk_ruler_looks_at_five_and_at_ten() -> None:
    found = measure([GOLD, GOLD], [[MISS] * 5 + [HIT], [MISS] * 10 + [HIT]], [4000])
    assert found["hit_at_5"].tolist() == [0, 0]
    assert found["mrr_at_10"].tolist() == [1 / 6, 0]


def test_an_empty_result_counts_as_a_miss() -> None:
    assert measure([GOLD], [[]], [1000])["hit_in_1000"].tolist() == [0]


def test_characters_are_those_of_the_first_five() -> None:
    assert characters([[MISS] * 6, []]) == 1000


def test_equal_systems_differ_by_nothing() -> None:
    values = np.array([1.0, 0.0, 1.0])
    assert difference(values, values) == (0, (0, 0))


def test_a_steady_lead_is_outside_zero_and_pairing_makes_it_narrow() -> None:
    theirs = np.tile([0.0, 1.0], 100)
    ours = theirs.copy()
    ours[:60:2] = 1
    mean, (low, high) = difference(ours, theirs)
    assert mean == pytest.approx(0.15)
    assert 0.09 < low < mean < high < 0.21
    wide = interval(ours)
    assert high - low < wide[1] - wide[0]


def test_intervals_are_the_same_each_time() -> None:
    values = np.linspace(0, 1, 50)
    assert interval(values) == interval(values)


@pytest.mark.parametrize("text", ["", " \n", "字" * 2000, "One sentence. " * 200, "一句话。\n" * 400])
def test_pieces_cover_every_text_and_overlap(text: str) -> None:
    found = list(pieces(text))
    assert all(0 < end - start <= SIZE for start, end in found)
    assert all(later[0] == earlier[1] - OVERLAP for earlier, later in pairwise(found))
    assert not text.strip() or (found[0][0], found[-1][1]) == (0, len(text))


def test_a_follow_up_is_joined_with_two_earlier_user_turns() -> None:
    turns = [("user", "one"), ("assistant", "no"), ("user", "two"), ("assistant", "no"), ("user", "three")]
    case = Case("and then?", tuple(turns), GOLD)
    assert case.ask("last + 2 user turns") == Ask("two\nthree\nand then?")
    assert case.ask("last turn") == Ask("and then?")
    assert case.ask("history") == Ask("and then?", tuple(turns))


def test_only_kb_is_given_the_history() -> None:
    assert forms("multiturn_en", "kb") == ("history",)
    assert "history" not in forms("multiturn_en", "haystack")
    assert forms("docs_zh", "kb") == forms("docs_zh", "haystack") == ("plain",)


def test_a_job_is_written_as_the_process_reads_it(tmp_path: Path) -> None:
    write(Job("faq_zh", "default", 20, (Ask("一年有几天年假？", (("user", "你好"),)),)), tmp_path / "job")
    row = json.loads((tmp_path / "job").read_text("utf-8"))
    assert row["asks"] == [{"text": "一年有几天年假？", "history": [["user", "你好"]]}]


def test_lines_are_read_in_the_order_of_the_questions(tmp_path: Path) -> None:
    rows = [
        {"build_seconds": 1.5},
        {"ms": 2.0, "places": [["a.md", 0, 5]]},
        {"ms": 3.0, "places": []},
    ]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run = read_lines(tmp_path / "lines")
    assert (run.build_seconds, run.milliseconds) == (1.5, (2.0, 3.0))
    assert run.places == ((("a.md", 0, 5),), ())


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "kb"])
def test_every_version_of_a_peer_is_pinned(name: str) -> None:
    assert all("==" in line for line in environments.requirements(name).splitlines())
    assert f"wordllama=={environments.metadata.version('wordllama')}" in environments.requirements(name)
    assert environments.version(name)
