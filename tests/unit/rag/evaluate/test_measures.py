"""Measures on rows small enough to be counted by hand."""

from dataclasses import replace
from typing import Any

import pytest

from rag.evaluate import places, wording
from rag.evaluate.measures import MEANINGS, is_wrong, measure
from rag.evaluate.types import Case, Gold, Place, Quote, Row
from rag.types import Language


def at(start: int, end: int, source: str = "a.md") -> Place:
    return Place(source, start, end)


def quote(place: Place, *, verbatim: bool = True) -> Quote:
    return Quote(place, "x", "y", 0.5, verbatim)


def row(*, language: Language = "en", answerable: bool = True, **more: Any) -> Row:
    case = Case("a", "Q", "q:1", answerable=answerable, language=language)
    return Row(case, status="answered", text="It is so.", **more)


def measured(**more: Any) -> dict[str, float]:
    return dict(measure(row(**more)))


# --- places


def test_a_hit_counts_only_within_the_budget() -> None:
    found = (at(0, 900, "b.md"), at(0, 900))
    made = measured(gold=(at(50, 60),), found=found)
    assert (made["hit@1000"], made["mrr@1000"]) == (1.0, 0.5)
    late = measured(gold=(at(150, 160),), found=found)
    assert (late["hit@1000"], late["hit@2000"], late["hit"]) == (0.0, 1.0, 1.0)


def test_chinese_has_a_budget_of_its_own() -> None:
    found = (at(0, 2600, "b.md"), at(0, 500))
    assert measured(language="zh", gold=(at(0, 9),), found=found)["hit"] == 0.0
    assert measured(language="en", gold=(at(0, 9),), found=found)["hit"] == 1.0


def test_chunks_are_counted_by_the_chunk_ruler_whatever_their_size() -> None:
    found = (*(at(0, 3000, f"{i}.md") for i in range(3)), at(0, 10))
    made = measured(gold=(at(5, 6),), found=found)
    assert (made["chunk_hit@1"], made["chunk_hit@5"], made["chunk_mrr@10"]) == (0.0, 1.0, 0.25)
    assert made["hit"] == 0.0


def test_recall_is_of_the_best_gold_or_of_all() -> None:
    gold, found = (at(0, 100), at(200, 300)), (at(50, 300),)
    assert places.recall(gold, found, "any") == 1.0
    assert places.recall(gold, found, "all") == 0.75


def test_overlapping_passages_count_once() -> None:
    gold = (at(0, 100),)
    assert places.recall(gold, (at(0, 60), at(40, 80)), "any") == 0.8
    assert places.iou(gold, (at(0, 60), at(40, 150))) == pytest.approx(100 / 150)


def test_equal_offsets_in_another_document_or_collection_are_no_overlap() -> None:
    assert places.overlap(at(0, 9), at(0, 9, "b.md")) == 0
    assert places.overlap(at(0, 9), Place("a.md", 0, 9, "other")) == 0


def test_ndcg_gains_each_gold_once() -> None:
    gold = (at(0, 10), at(100, 110))
    assert places.ndcg(gold, (at(0, 10), at(100, 110))) == 1.0
    assert places.ndcg(gold, (at(0, 10), at(0, 10))) == pytest.approx(1 / (1 + 0.6309), rel=1e-3)
    assert places.ndcg(gold, (at(0, 200),)) == 1.0
    assert places.ndcg(gold, ()) == 0.0


def test_where_all_golds_are_needed_their_share_is_told() -> None:
    one = row(gold=(at(0, 10), at(100, 110)), found=(at(0, 10),))
    assert measure(replace(one, case=replace(one.case, need="all")))["golds"] == 0.5
    assert "golds" not in measure(one)


# --- citations and refusal


def test_citations_are_held_against_the_gold_places() -> None:
    quotes = (quote(at(0, 9)), quote(at(50, 60), verbatim=False))
    made = measured(gold=(at(5, 20), at(90, 99)), quotes=quotes)
    assert (made["citation_precision"], made["citation_recall"]) == (0.5, 1.0)
    assert (made["verbatim"], made["support"], made["correct"]) == (0.5, 0.5, 1.0)


def test_no_citation_is_no_recall_and_no_precision_at_all() -> None:
    made = measured(gold=(at(5, 20),))
    assert made["citation_recall"] == made["correct"] == 0.0
    assert "citation_precision" not in made


def test_the_right_file_is_known_by_the_end_of_its_path() -> None:
    one = row(quotes=(quote(at(0, 9, "hr/a.md")),))
    for file, right in (("docs/hr/a.md", 1.0), ("a.md", 1.0), ("b/a.md", 0.0)):
        assert measure(replace(one, case=replace(one.case, gold=(Gold(file, "q"),))))["right_file"] == right


def test_refusing_is_right_where_there_is_no_answer() -> None:
    refused = replace(row(answerable=False), status="not_found")
    assert measure(refused)["decision"] == measure(refused)["correct"] == 1.0
    assert measured(answerable=False)["decision"] == 0.0


def test_asking_back_is_no_answer() -> None:
    assert measure(replace(row(answerable=False), status="ambiguous"))["decision"] == 1.0


def test_an_answer_is_wrong_without_gold_in_its_citations() -> None:
    assert is_wrong(row(gold=(at(0, 9),), quotes=(quote(at(5, 6)),))) is False
    assert is_wrong(row(gold=(at(0, 9),))) is True
    assert is_wrong(row(answerable=False)) is True
    assert is_wrong(row()) is None


def test_an_error_measures_nothing() -> None:
    assert measured(gold=(at(0, 9),), error="timed out") == {}


def test_every_measure_has_its_meaning() -> None:
    one = row(gold=(at(0, 9),), quotes=(quote(at(0, 9)),), found=(at(0, 9),))
    case = replace(one.case, answer="25 days", gold=(Gold("a.md", "25 days"),), need="all")
    names = {name for name in measure(replace(one, case=case)) if name.partition("@")[0] not in places_only()}
    assert names == set(MEANINGS) - places_only()


def places_only() -> set[str]:
    return {"hit", "mrr", "recall", "iou"}


# --- words


def test_words_are_compared_without_case_punctuation_and_markers() -> None:
    assert wording.contains("You get **25 days** [1], I think.", "25 days, I THINK")
    assert not wording.contains("You get 125 days.", "25 days")
    assert wording.contains("员工每年享有十五天带薪年假[1]，需申请。", "十五天带薪年假，需申请")


def test_recall_and_f1_are_by_word_in_english_and_by_character_in_chinese() -> None:
    assert wording.recall_and_f1("It is 25 days.", "25 days") == (1.0, pytest.approx(2 / 3))
    assert wording.recall_and_f1("年假十五天", "十五日") == (pytest.approx(2 / 3), 0.5)
    assert wording.recall_and_f1("nothing", "25 days") == (0.0, 0.0)


def test_numbers_must_all_be_there_in_figures_or_words() -> None:
    assert wording.numbers_right("It is 27 days and 8 holidays.", "27 days, and eight holidays") is True
    assert wording.numbers_right("It is 27 days.", "27 days, and eight holidays") is False
    assert wording.numbers_right("是15天。", "十五天") is True
    assert wording.numbers_right("Yes.", "Yes") is None


def test_of_several_references_the_best_counts_and_no_answer_counts_nothing() -> None:
    one = row()
    case = replace(one.case, answer="something else", gold=(Gold("a.md", "It is so"),))
    made = measure(replace(one, case=case))
    assert made["contains"] == made["answer_f1"] == 1.0
    assert measure(replace(one, case=case, status="not_found"))["contains"] == 0.0
