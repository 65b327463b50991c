"""Paired experiments with a launcher that only looks values up."""

import threading
import time

import pytest

from losskit.recording.facts import End, Metric
from losskit.recording.recording import Recording
from losskit.trials.compare import compare

FINISHED = End(exit=0, seconds=1.0)


class Launcher:
    """Gives each (version, seed) its metric, and remembers what it was asked for."""

    def __init__(self, values, end=None, seconds=0.0):
        self.values, self.ends, self.seconds = values, end or {}, seconds
        self.calls = []
        self.lock = threading.Lock()

    def __call__(self, version, seed, seconds):
        with self.lock:
            self.calls.append((version, seed, seconds))
        time.sleep(self.seconds)
        recording = Recording(end=self.ends.get(version, FINISHED))
        value = self.values[version][seed]
        if value != "nothing":
            recording.metric = Metric("accuracy", value, "validation", best=value, count=1000, chance=0.1)
            recording.measure("validation/metric", 10 + seed, value or 0.0)
            recording.measure("metric", 1, 0.0)
        return recording


def run(values, seeds=(0, 1, 2), budget=100.0, expected=1.0, **more):
    launcher = Launcher(values, **more)
    return compare("old", "new", launcher, seeds=seeds, budget=budget, expected=expected), launcher


def test_accepts_and_keeps_values_and_curves_by_seed():
    trial, launcher = run({"old": [0.4, 0.5, 0.45], "new": [0.9, 0.95, 0.97]})
    assert trial.accepted
    assert trial.metric == "accuracy"
    assert (trial.seeds, trial.before, trial.after) == ((0, 1, 2), (0.4, 0.5, 0.45), (0.9, 0.95, 0.97))
    assert [curve.values for curve in trial.after_curves] == [[0.9], [0.95], [0.97]]
    assert [curve.steps for curve in trial.before_curves] == [[10], [11], [12]]
    assert sorted((version, seed) for version, seed, _ in launcher.calls) == [
        (version, seed) for version in ("new", "old") for seed in (0, 1, 2)
    ]


def test_both_of_a_pair_get_the_same_time_and_at_least_three_times_the_expected():
    _, launcher = run({"old": [0.4] * 3, "new": [0.9] * 3}, budget=6.0, expected=1.0)
    limits = {}
    for _, seed, seconds in launcher.calls:
        limits.setdefault(seed, set()).add(seconds)
    assert all(len(limit) == 1 for limit in limits.values())
    assert limits[0].pop() == pytest.approx(3.0, abs=0.1)


def test_a_long_budget_is_shared_among_the_runs_still_to_do():
    _, launcher = run({"old": [0.4] * 3, "new": [0.9] * 3}, budget=300.0, expected=1.0)
    first = next(seconds for _, seed, seconds in launcher.calls if seed == 0)
    assert first in (pytest.approx(100.0, abs=1), pytest.approx(50.0, abs=1))  # two at a time, or one


@pytest.mark.parametrize("after", [0.4, 0.2, None, "nothing"])
def test_stops_after_the_first_seed_when_it_is_hopeless(after):
    trial, launcher = run({"old": [0.4] * 3, "new": [after] * 3})
    assert not trial.accepted
    assert trial.seeds == (0,)
    assert len(launcher.calls) == 2
    assert trial.reason


def test_any_metric_above_chance_beats_none():
    trial, _ = run({"old": ["nothing"] * 3, "new": [0.9, 0.91, 0.92]})
    assert trial.accepted
    assert trial.before == (None, None, None)


def test_a_variant_that_fails_has_no_metric():
    failed = End(exit=1, seconds=1.0, reason="exception")
    trial, _ = run({"old": [0.4] * 3, "new": [0.9] * 3}, end={"new": failed})
    assert not trial.accepted
    assert trial.after == (None,)


def test_a_variant_that_fails_as_the_original_does_is_measured():
    failed = End(exit=1, seconds=1.0, reason="exception")
    trial, _ = run({"old": [0.4] * 3, "new": [0.9] * 3}, end={"new": failed, "old": failed})
    assert trial.accepted


def test_a_run_whose_time_was_over_counts_with_what_it_had():
    cut = End(exit=143, seconds=1.0, reason="budget")
    trial, _ = run({"old": [0.4] * 3, "new": [0.9] * 3}, end={"new": cut})
    assert trial.accepted


def test_the_budget_ends_the_trial():
    trial, launcher = run({"old": [0.4] * 3, "new": [0.9] * 3}, budget=0.3, expected=0.25, seconds=0.2)
    assert not trial.accepted
    assert trial.seeds == (0,)
    assert "one seed" in trial.reason
    nothing, launcher = run({"old": [0.4] * 3, "new": [0.9] * 3}, budget=0.1, expected=1.0)
    assert (nothing.accepted, nothing.seeds, launcher.calls) == (False, (), [])


def test_an_interrupt_comes_through_at_once():
    def launch(version, seed, seconds):
        if version == "old":
            raise KeyboardInterrupt
        return Recording()

    with pytest.raises(KeyboardInterrupt):
        compare("old", "new", launch, seeds=(0, 1), budget=100.0, expected=1.0)


def test_without_a_metric_a_loss_that_breaks_down_is_compared_with_one_that_does_not():
    losses = {
        "old": [2.0, 1.5, 1.0, *[float("nan")] * 7],
        "new": [2.0 - 0.1 * step for step in range(10)],
        "constant": [2.0] * 10,
    }

    def launch(version, seed, seconds):
        recording = Recording(end=FINISHED)
        for step, value in enumerate(losses[version]):
            recording.measure("loss", step, value)
        return recording

    setting = {"seeds": (0, 1, 2), "budget": 100.0, "expected": 1.0}
    trial = compare("old", "new", launch, **setting)
    assert (trial.accepted, trial.before, trial.after) == (True, (0.3,) * 3, (1.0,) * 3)
    assert not compare("old", "constant", launch, **setting).accepted  # a number, but nothing is learned
    assert "nothing to compare" in compare("constant", "new", launch, **setting).reason
