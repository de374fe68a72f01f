"""Intervals and refusal figures, against values known by other means."""

import numpy as np
import pytest

from rag.evaluate import bootstrap, refusal


def test_an_interval_of_a_mean_is_the_normal_one_for_many_questions() -> None:
    values = np.random.default_rng(7).normal(0.5, 0.1, 900)
    found = bootstrap.mean(list(values))
    assert found is not None
    error = 1.96 * values.std() / 30
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - error, abs=error / 8)
    assert found.high == pytest.approx(values.mean() + error, abs=error / 8)


def test_equal_values_have_no_width_and_no_values_have_no_figure() -> None:
    assert bootstrap.mean([0.25] * 9) == bootstrap.Figure(0.25, 0.25, 0.25, 9)
    assert bootstrap.mean([]) is None
    assert bootstrap.quantile([], 0.5) is None


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [0.0, 1.0, 1.0, 0.5, 0.2]
    assert bootstrap.mean(values, seed=3) == bootstrap.mean(values, seed=3)
    assert bootstrap.mean(values, seed=3) != bootstrap.mean(values, seed=4)


def test_a_resample_draws_as_many_questions_as_there_are() -> None:
    drawn = bootstrap.weights(17)
    assert drawn.shape == (bootstrap.RESAMPLES, 17)
    assert set(drawn.sum(axis=1)) == {17.0}


def test_a_measure_counts_only_the_questions_that_have_it() -> None:
    one, none = bootstrap.means(np.array([[1.0, np.nan], [np.nan, np.nan], [0.0, np.nan]]))
    assert one is not None
    assert (one.value, one.n) == (0.5, 2)
    assert none is None


def test_a_quantile_is_one_of_the_values() -> None:
    found = bootstrap.quantile([4.0, 1.0, 3.0, 2.0], 0.5)
    assert found is not None
    assert found.value == 2.0


def test_auroc_is_the_share_of_pairs_in_order_with_ties_half() -> None:
    rng = np.random.default_rng(1)
    evidence = [float(x) for x in rng.integers(0, 20, 200)]
    answerable = [bool(x) for x in rng.random(200) < 0.7]
    yes = [e for e, a in zip(evidence, answerable, strict=True) if a]
    no = [e for e, a in zip(evidence, answerable, strict=True) if not a]
    pairs = [(y > n) + 0.5 * (y == n) for y in yes for n in no]
    found = refusal.auroc(evidence, answerable)
    assert found is not None
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert found.low < found.value < found.high


def test_auroc_needs_both_sorts_of_questions() -> None:
    assert refusal.auroc([0.5, 0.7], [True, True]) is None
    assert refusal.auroc([], []) is None


def test_coverage_is_the_most_that_can_be_answered_with_few_wrong() -> None:
    evidence = [i / 100 for i in range(100, 0, -1)]
    wrong = [False] * 38 + [True] * 2 + [False] * 10 + [True] * 50
    found = refusal.coverage(evidence, wrong)
    assert found is not None
    assert found.value == 0.5  # 2 of 50 are wrong; a third wrong one would be 5.9 %


def test_questions_of_equal_evidence_are_answered_together() -> None:
    found = refusal.coverage([0.9, 0.5, 0.5], [False, False, True])
    assert found is not None
    assert found.value == pytest.approx(1 / 3)
    assert refusal.curve([0.9, 0.5, 0.5], [False, False, True]) == (
        (pytest.approx(1 / 3), 0.0),
        (1.0, pytest.approx(1 / 3)),
    )


def test_no_question_has_no_curve() -> None:
    assert refusal.curve([], []) == ()
