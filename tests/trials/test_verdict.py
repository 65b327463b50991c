"""What counts as better: the arithmetic, against hand-worked and scipy's numbers."""

import math

import numpy as np
import pytest
from scipy import stats

from losskit.trials.verdict import CRITICAL_T, Outcome, Pair, hopeless, judge, minimal_effect


def pairs(before, after, metric="accuracy", chance=0.1, predictions=1000):
    def outcome(value):
        return Outcome(metric, value, chance, predictions)

    return [Pair(outcome(b), outcome(a)) for b, a in zip(before, after, strict=True)]


def test_the_table_is_students_t():
    for freedom, critical in enumerate(CRITICAL_T, 1):
        assert critical == pytest.approx(stats.t.ppf(0.95, freedom), abs=5e-4)


def test_a_clear_gain_is_accepted():
    verdict = judge(pairs([0.40, 0.45, 0.38], [0.93, 0.95, 0.92]))
    assert verdict.accepted
    assert verdict.reason.startswith("accuracy rose by 0.523 on average over 3 seeds")


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_acceptance_agrees_with_the_one_sided_paired_t_test(seeds):
    # gains with a mean just below and just above the critical one
    noise = [(-1) ** i * 0.05 * (1 + i / 10) for i in range(seeds)]
    centred = [value - sum(noise) / seeds for value in noise]
    error = stats.sem(centred)
    for factor, accepted in ((0.99, False), (1.01, True)):
        gains = [value + factor * stats.t.ppf(0.95, seeds - 1) * error for value in centred]
        before = [1.0 + index for index in range(seeds)]  # far apart, so that no rank says anything
        after = [value + gain for value, gain in zip(before, gains, strict=True)]
        assert min(after) < max(before)
        assert (stats.ttest_rel(after, before, alternative="greater").pvalue < 0.05) == accepted
        assert judge(pairs(before, after, metric="r2", chance=0.0)).accepted == accepted


def test_a_cure_that_ends_a_lottery_is_accepted():
    before, after = [0.1667, 0.7963, 0.8889], [1.0, 1.0, 1.0]
    assert stats.ttest_rel(after, before, alternative="greater").pvalue > 0.05
    assert stats.mannwhitneyu(after, before, alternative="greater", method="exact").pvalue <= 0.05 + 1e-12
    verdict = judge(pairs(before, after, predictions=54))
    assert verdict.accepted
    assert "worst seed" in verdict.reason
    assert not judge(pairs(before[:2], after[:2], predictions=54)).accepted  # of two seeds, one in six is separated


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.9])  # how much of the noise the two runs of a pair have in common
def test_a_change_without_effect_passes_in_at_most_a_tenth_of_trials(shared):
    generator = np.random.default_rng(0)
    seed = generator.normal(size=(4000, 3, 1)) * np.sqrt(shared)
    noise = generator.normal(size=(4000, 3, 2)) * np.sqrt(1 - shared)
    values = 5 + seed + noise
    rate = np.mean([judge(pairs(*trial.T, metric="r2", chance=0.0)).accepted for trial in values])
    assert rate < 0.08


def test_noise_is_not_accepted():
    verdict = judge(pairs([0.60, 0.50, 0.70], [0.65, 0.65, 0.62]))
    assert not verdict.accepted
    assert "not beyond seed noise" in verdict.reason


def test_runs_that_do_not_depend_on_the_seed_need_only_a_gain_worth_having():
    assert judge(pairs([0.5] * 3, [0.6] * 3)).accepted
    assert not judge(pairs([0.5] * 3, [0.5] * 3)).accepted
    tiny = judge(pairs([0.5] * 3, [0.505] * 3))
    assert not tiny.accepted
    assert "less than" in tiny.reason


def test_an_accuracy_must_gain_five_predictions():
    assert minimal_effect(pairs([0.5], [0.6], predictions=50)) == pytest.approx(0.1)
    assert not judge(pairs([0.5] * 3, [0.58] * 3, predictions=50)).accepted
    assert judge(pairs([0.5] * 3, [0.62] * 3, predictions=50)).accepted
    assert minimal_effect(pairs([0.5], [0.6], metric="r2", predictions=50)) == 0.01


@pytest.mark.parametrize("before", [None, math.nan, -math.inf, -1e6])
def test_no_metric_nan_and_a_hopeless_one_are_the_same_failure(before):
    assert judge(pairs([before] * 3, [0.9, 0.92, 0.88], metric="r2", chance=0.0)).accepted


def test_climbing_below_chance_is_no_cure():
    verdict = judge(pairs([-1e6], [-10.0], metric="r2", chance=0.0))
    assert not verdict.accepted
    assert "constant prediction" in verdict.reason
    assert "constant prediction" not in judge(pairs([0.9], [0.9], metric="r2", chance=0.0)).reason


def test_reaching_chance_is_no_cure_where_there_was_no_metric():
    nothing, at_chance = Outcome(None, None), Outcome("accuracy", 0.35, 0.35, 1000)
    assert not judge([Pair(nothing, at_chance)] * 3).accepted
    assert judge([Pair(nothing, at_chance._replace(value=0.6))] * 3).accepted


def test_a_cure_must_work_with_every_seed():
    verdict = judge(pairs([0.2] * 6, [0.9, 0.9, 0.9, 0.9, 0.9, None]))
    assert not verdict.accepted
    assert "every seed" in verdict.reason


def test_one_huge_r2_among_the_originals_does_not_drown_the_others():
    # unclipped gains of 1e6, 0.5, 0.5 would have a standard error of a third of a million
    assert judge(pairs([-1e6, 0.3, 0.35], [0.9, 0.85, 0.88], metric="r2", chance=0.0)).accepted


def test_a_variant_without_a_metric_is_refused():
    verdict = judge(pairs([0.4], [None]))
    assert verdict == (False, "The changed version gave no accuracy; the original's is 0.4.")


def test_different_metrics_are_not_compared():
    mixed = [Pair(Outcome("r2", 0.1, 0.0, 100), Outcome("accuracy", 0.9, 0.1, 100))]
    verdict = judge(mixed * 3)
    assert not verdict.accepted
    assert "accuracy and r2" in verdict.reason


def test_nothing_to_compare():
    assert "Neither" in judge(pairs([None] * 3, [None] * 3)).reason
    assert "budget" in judge([]).reason


def test_one_pair_is_never_enough():
    verdict = judge(pairs([0.1], [0.9]))
    assert not verdict.accepted
    assert "one seed" in verdict.reason


def test_hopeless_after_the_first_pair():
    assert hopeless(pairs([0.4], [0.4])[0])
    assert hopeless(pairs([0.4], [0.3])[0])
    assert not hopeless(pairs([0.4], [0.41])[0])


def test_the_first_pair_decides_nothing_that_three_could_overturn():
    """With three seeds the t-test cannot pass when one pair does not improve: the worst case is a ∈ (0, ∞)."""
    for gain in (0.01, 0.1, 1.0):
        assert not judge(pairs([0.2, 0.2, 0.2], [0.2, 0.2 + gain * 0.7, 0.2 + gain * 0.7], chance=0.0)).accepted
