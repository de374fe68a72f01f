"""Weights and thresholds on made-up questions whose best answer is known; the file that keeps them."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import weights
from rag.errors import ConfigError
from rag.evaluate import cutoff, fit, folds, parts, tuned
from rag.evaluate.candidates import PARTS
from rag.evaluate.cutoff import Labelled
from rag.evaluate.parts import Parts
from rag.evaluate.tune import Order, Outcome
from rag.weights import EVERYWHERE, Tuning, Weights

QUESTIONS, CANDIDATES = 160, 12
GROUPS = np.arange(QUESTIONS) // 4
HEADING = PARTS.index("heading")


def made(seed: int = 0, *, gold_by: int | None = None) -> Parts:
    """Noise in all parts. The gold passage has the greatest value of one part, or stands anywhere."""
    rng = np.random.default_rng(seed)
    values = rng.random((QUESTIONS, 1, CANDIDATES, len(PARTS))).astype(np.float32)
    best = rng.integers(0, CANDIDATES, QUESTIONS) if gold_by is None else values[:, 0, :, gold_by].argmax(1)
    gold = np.arange(CANDIDATES) == best[:, None]
    return Parts(values, np.ones((QUESTIONS, 1), np.float32), gold, np.ones_like(gold), close=True)


def labelled(yes: float, no: float, unanswerable: int, seed: int = 0) -> Labelled:
    """200 answerable questions around one sum of evidence, the others around another."""
    rng = np.random.default_rng(seed)
    raw = np.concatenate([rng.normal(yes, 0.2, 200), rng.normal(no, 0.2, unanswerable)])
    return Labelled(raw, np.arange(len(raw)) < 200, np.arange(len(raw)))


# --- weights


def test_the_part_that_tells_the_right_passage_is_found_and_kept() -> None:
    found = fit.cross_validated(made(gold_by=HEADING), GROUPS, 5)
    assert found.is_kept
    assert found.weights.heading > 3 * Weights().heading
    assert found.weights.heading == max(getattr(found.weights, name) for name in ("mean", "rare", "heading"))
    assert found.trials["both"].after.value > found.trials["both"].before.value + 0.1


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_kept_where_right_passages_are_drawn_at_random(seed: int) -> None:
    found = fit.cross_validated(made(seed), GROUPS, 5)
    assert found.weights != Weights(), "there is something to be misled by"
    assert not found.is_kept


def test_weights_that_are_right_already_stay() -> None:
    some = made()
    best = some.scores(Weights()).argmax(axis=1)
    gold = np.arange(CANDIDATES) == best[:, None]
    assert fit.fit(replace(some, gold=gold)) == Weights()


def test_what_was_fitted_to_a_question_is_never_tried_on_it() -> None:
    """Halves: the figure is that of each half with weights fitted to the other, over all splits."""
    some = made(3, gold_by=HEADING)
    found = []
    for seed in range(fit._SPLITS):
        half = folds.split(GROUPS, 2, seed)
        ranks = [some.ranks(fit.fit(some.of(half != one))) for one in (0, 1)]
        found.append(parts.quality(np.where(half == 0, *ranks)).mean())
    assert len(set(found)) > 1, "splits differ"
    tried = fit.cross_validated(some, GROUPS, 2).trials["both"]
    assert tried.after.value == pytest.approx(np.mean(found))


def test_without_a_close_look_only_weights_of_the_first_look_move() -> None:
    found = fit.fit(replace(made(gold_by=PARTS.index("vector")), close=False))
    assert found.vector > Weights().vector
    assert replace(found, phrases=0.25, coverage=0.15, vector=0.35) == Weights()


def test_a_rank_counts_the_passages_above_and_ties_go_against_the_right_one() -> None:
    values = np.zeros((3, 1, 4, len(PARTS)), np.float32)
    values[:, 0, :, 0] = [[1, 0.9, 0.8, 0], [1, 1, 0.5, 0], [1, 0.9, 0.8, 0]]
    gold = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], bool)
    there = np.ones((3, 4), bool)
    some = Parts(values, np.ones((3, 1), np.float32), gold, there, close=True)
    assert some.ranks(Weights()).tolist() == [3, 2, np.inf]
    assert parts.hits(some.ranks(Weights())).tolist() == [1, 1, 0]
    assert parts.reciprocals(some.ranks(Weights())) == pytest.approx([1 / 3, 1 / 2, 0])


def test_searches_count_by_their_weight_each_over_its_maximum() -> None:
    values = np.zeros((1, 2, 2, len(PARTS)), np.float32)
    values[0, :, :, 0] = [[1, 0], [0, 7]]
    some = Parts(values, np.array([[1, 0.3]], np.float32), *np.ones((2, 1, 2), bool), close=True)
    assert some.scores(Weights())[0] == pytest.approx([1, 0.3])


# --- folds


def test_groups_stay_whole_and_folds_are_about_as_large() -> None:
    groups = folds.number(list("aaaaabbbbccccddeeffgh"))
    for seed in range(9):
        fold = folds.split(groups, 4, seed)
        assert all(len(set(fold[groups == group].tolist())) == 1 for group in set(groups.tolist()))
        assert sum(np.bincount(fold, minlength=4)) == len(groups)
        assert min(np.bincount(fold, minlength=4)) >= 3


def test_questions_of_one_document_widen_the_interval_of_a_mean() -> None:
    values = np.repeat(np.random.default_rng(0).random(20), 10)
    alike, apart = (folds.mean(values, groups) for groups in (np.arange(200) // 10, np.arange(200)))
    assert [alike.value, apart.value] == pytest.approx([values.mean()] * 2)
    assert alike.high - alike.low > 2 * (apart.high - apart.low)


# --- thresholds


def test_answerable_questions_alone_give_the_threshold_that_refuses_the_wanted_share() -> None:
    some = labelled(2.0, 0.0, 0)
    found = cutoff.cross_validated(some, 1.0, 0.05, 5)
    assert (some.raw < found.threshold).sum() == 10
    assert found.before.refused_answerable.value == 0
    assert found.after.refused_answerable.value == pytest.approx(0.05, abs=0.02)
    assert found.is_kept


def test_a_default_that_may_well_refuse_the_wanted_share_stays() -> None:
    some = labelled(2.0, 0.0, 0)
    default = float(np.quantile(some.raw, 0.03))
    found = cutoff.cross_validated(some, default, 0.05, 5)
    assert abs(found.after.refused_answerable.value - 0.05) < abs(
        found.before.refused_answerable.value - 0.05
    )
    assert not found.is_kept


def test_thirty_questions_of_which_none_is_refused_do_not_show_that_too_few_are() -> None:
    some = labelled(2.0, 0.0, 0).of(np.arange(200) < 30)
    assert not cutoff.cross_validated(some, 0.5, 0.05, 5).is_kept


def test_with_both_sorts_the_threshold_lies_between_them_and_refuses_no_more_than_wanted() -> None:
    some = labelled(2.0, 1.0, 40)
    found = cutoff.cross_validated(some, 0.9, 0.05, 5)
    assert found.is_kept
    assert 1.2 < found.threshold < 1.8
    assert found.after.refused_unanswerable is not None
    assert found.after.refused_unanswerable.value > 0.8
    assert (some.raw[some.answerable] < found.threshold).mean() <= 0.05


@pytest.mark.parametrize("seed", range(4))
def test_evidence_that_tells_nothing_changes_no_threshold(seed: int) -> None:
    assert not cutoff.cross_validated(labelled(1.0, 1.0, 40, seed), 0.7, 0.05, 5).is_kept


def test_a_few_unanswerable_questions_are_not_fitted_to() -> None:
    few, none = labelled(2.0, 1.0, 19), labelled(2.0, 1.0, 0)
    found = cutoff.cross_validated(few, 0.9, 0.05, 5)
    assert found.threshold == cutoff.cross_validated(none, 0.9, 0.05, 5).threshold
    assert found.difference is None
    assert found.after.refused_unanswerable is not None


def test_nothing_is_refused_where_nothing_may_be() -> None:
    some = labelled(2.0, 1.0, 40)
    assert (some.raw[some.answerable] >= cutoff.fit(some, 0.0, apart=True)).all()


# --- the file

TUNING = Tuning(replace(Weights(), heading=0.45, rare=0.0), {"hr": 1.2, "人事": 0.95, EVERYWHERE: 1.0})


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    weights.keep(tmp_path, weights.dump(TUNING, ["when: \x1b[2J today\nweights = 1", "以及"]))
    assert weights.load(tmp_path) == TUNING


def test_a_person_can_read_each_weight_beside_its_default() -> None:
    text = weights.dump(TUNING, ["Why."])
    assert text.startswith("# Why.\n")
    assert "heading = 0.45     # default 0.15\n" in text
    assert '"人事" = 0.95\n' in text


def test_only_what_was_tuned_is_written() -> None:
    assert "weights" not in tomllib.loads(weights.dump(Tuning(enough={"hr": 1.0})))
    assert "enough" not in tomllib.loads(weights.dump(Tuning(TUNING.weights)))


def test_undo_goes_back_one_tuning_then_to_none(tmp_path: Path) -> None:
    first, second = Tuning(enough={"hr": 1.0}), Tuning(enough={"hr": 2.0})
    for tuning in (first, second):
        weights.keep(tmp_path, weights.dump(tuning))
    assert weights.load(tmp_path) == second
    assert weights.undo(tmp_path)
    assert weights.load(tmp_path) == first
    assert weights.undo(tmp_path)
    assert weights.load(tmp_path) == Tuning()
    assert not weights.undo(tmp_path)


def test_a_first_tuning_has_none_before_it(tmp_path: Path) -> None:
    (tmp_path / weights.FORMER).write_text("[enough]\nold = 1.0\n", "utf-8")
    weights.keep(tmp_path, weights.dump(TUNING))
    weights.undo(tmp_path)
    assert weights.load(tmp_path) == Tuning()


def test_a_broken_file_is_one_error_and_undo_mends_it(tmp_path: Path) -> None:
    (tmp_path / weights.FILE).write_text("[weights]\nheding = 1\n", "utf-8")
    with pytest.raises(ConfigError, match=r"tuned\.toml: no weight is named 'heding'") as caught:
        weights.load(tmp_path)
    assert "--undo" in caught.value.hint
    weights.undo(tmp_path)
    assert weights.load(tmp_path) == Tuning()


def test_an_outcome_keeps_what_beat_the_defaults_and_nothing_else() -> None:
    ranking = fit.cross_validated(made(gold_by=HEADING), GROUPS, 5)
    random = fit.cross_validated(made(), GROUPS, 5)
    threshold = cutoff.cross_validated(labelled(2.0, 1.0, 40), 0.9, 0.05, 5)
    useless = cutoff.cross_validated(labelled(1.0, 1.0, 40), 0.7, 0.05, 5)
    both = Outcome(200, 170, 160, 40, Order(), ranking, {"hr": threshold, "it": useless, "new": "too few"})
    assert both.tuning == Tuning(ranking.weights, {"hr": threshold.threshold})
    neither = Outcome(200, 170, 160, 40, Order(), random, {"it": useless})
    assert not neither.is_kept


def test_the_file_says_when_on_what_and_how_well() -> None:
    ranking = fit.cross_validated(made(gold_by=HEADING), GROUPS, 5)
    threshold = cutoff.cross_validated(labelled(2.0, 1.0, 40), 0.9, 0.05, 5)
    outcome = Outcome(240, 200, 160, 40, Order(), ranking, {"hr": threshold})
    text = tuned.text(outcome, version="9.8", now=0.0)
    assert "# 1970-01-01 00:00 UTC, kb 9.8: 240 questions, 160 with known places" in text
    trial = ranking.trials["hit@5"]
    assert f"# hit@5 {tuned.told(trial.before)} {tuned.told(trial.after)} +" in " ".join(text.split())
    assert "# right decisions, collection hr " in text
