"""Where numbers end: the rules LK201 to LK206 on recordings that say just enough."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from simulated_run import OPTIMIZER, Run, codes, problem

from losskit.doctor.evidence.spikes import spikes
from losskit.doctor.ranking import diagnose
from losskit.recording.facts import (
    Event,
    Metric,
    Operation,
    OptimizerFacts,
    Place,
    Progress,
    ScheduleFacts,
    Site,
)
from losskit.recording.recording import Recording, Signal

HERE, THERE = Place("train.py", 30), Place("train.py", 12)


def run(losses: list[float], *facts: Any, skill: float = 0.0) -> Recording:
    """A run with these losses and facts that gained this share of what chance leaves."""
    recording = Recording(progress=Progress(steps=len(losses), batch_size=8))
    recording.metric = Metric("accuracy", 0.5 + skill / 2, "validation", best=0.5 + skill / 2, count=100, chance=0.5)
    recording.optimizers = [OptimizerFacts("Adam", OPTIMIZER, {"lr": 1e-3, "eps": 1e-8}, steps=len(losses))]
    for step, loss in enumerate(losses):
        recording.measure("loss", step, loss)
    kinds = {Operation: recording.operations, Event: recording.events, Site: recording.sites}
    for fact in facts:
        kinds[type(fact)].append(fact)
    return recording


def found(recording: Recording) -> list[tuple[str, str, Place | None]]:
    return [(one.code, one.severity, one.place) for one in diagnose(recording, note=pytest.fail)]


LOST = [1.0, 0.8, 0.7, *[math.nan] * 9]
BROKE = Event("non-finite", "log", 3, HERE, {"tensor": "operation"})
WEIGHT = Event("non-finite", "weight", 3, None, {"tensor": "weight"})
LOG = Operation("log", HERE, ("sigmoid",), "float32", 10, 1e-9, 1.0, infinite=2, step=3)
ROOT = Operation("sqrt", HERE, ("sum", "pow"), "float32", 10, 0.0, 4.0, steep=3, step=2)


def test_a_logarithm_of_a_sigmoid_that_met_zero() -> None:
    assert found(run(LOST, LOG, BROKE)) == [("LK204", "error", HERE)]


def test_the_same_logarithm_in_a_run_that_went_well_is_a_remark() -> None:
    healthy = Operation("log", HERE, ("sigmoid",), "float32", 10, 1e-5, 1.0)
    assert found(run([1.0, 0.8, 0.7, 0.6], healthy, skill=0.9)) == [("LK204", "info", HERE)]


def test_a_logarithm_of_a_plain_output_is_not_a_formula() -> None:
    plain = Operation("log", HERE, (), "float32", 10, -1.0, 1.0, infinite=2, step=3)
    assert found(run(LOST, plain, BROKE)) == [("LK201", "error", HERE)]


def test_a_root_whose_slope_was_infinite() -> None:
    gradient = Event("non-finite", "gradient of fc", 2, THERE, {"tensor": "gradient", "layer": "fc"})
    assert found(run(LOST, ROOT, gradient, WEIGHT)) == [("LK202", "error", HERE)]
    assert found(run(LOST, ROOT, WEIGHT)) == [("LK202", "error", HERE)]


def test_a_root_at_zero_that_did_no_harm_is_not_told() -> None:
    assert found(run([1.0, 0.8, 0.7, 0.6], ROOT, skill=0.9)) == []


def test_steps_that_a_scaler_left_out_are_no_trouble() -> None:
    overflow = Event("non-finite", "gradient of fc", 1, THERE, {"tensor": "gradient", "layer": "fc"})
    sites = (Site("precision", THERE, "autocast float16"), Site("scaler", THERE, "on"))
    assert found(run([1.0, 0.8, 0.7, 0.6], ROOT, overflow, *sites, skill=0.9)) == []


@pytest.mark.parametrize(("detail", "code"), [("float16", "LK203"), ("bfloat16", "LK201")])
def test_a_run_that_was_lost_in_half_precision(detail: str, code: str) -> None:
    assert found(run(LOST, Site("precision", THERE, detail), WEIGHT))[0][0] == code


def test_spikes_are_told_from_noise() -> None:
    for seed in range(20):
        noise = np.random.default_rng(seed).chisquare(1, size=3000)  # squared errors of single samples
        assert not spikes(Signal("loss", list(range(3000)), noise.tolist()), level=0.0)
    noise[1000] = 1e4
    assert [spike.step for spike in spikes(Signal("loss", list(range(3000)), noise.tolist()), level=0.0)] == [1000]


def test_spikes_that_ruin_a_run_and_spikes_that_do_not() -> None:
    losses = (0.1 + 0.02 * np.random.default_rng(0).random(300)).tolist()
    losses[:8] = [1.0] * 8
    losses[100::60] = [1e4] * len(losses[100::60])
    assert ("LK205", "warning") in [(code, severity) for code, severity, _ in found(run(losses))]
    assert [(code, severity) for code, severity, _ in found(run(losses, skill=0.9))] == [("LK205", "info")]


def test_a_loss_that_climbs_away_under_a_rising_rate() -> None:
    losses = [*np.geomspace(2.0, 0.1, 200), *np.geomspace(0.1, 3.0, 200)]
    recording = run(losses)
    for step in range(0, 400, 20):
        recording.measure("rate", step, 1e-3 * 1.2 ** (step / 20))
    schedule = ScheduleFacts("ExponentialLR", THERE)
    recording.optimizers = [OptimizerFacts("Adam", OPTIMIZER, {"lr": 1e-3}, steps=400, schedule=schedule)]
    assert found(recording)[0] == ("LK206", "error", THERE)


def test_a_loss_that_climbs_while_the_task_goes_well_is_a_remark() -> None:
    losses = [*np.geomspace(2.0, 0.1, 200), *np.geomspace(0.1, 1.5, 200)]
    told = [(code, severity) for code, severity, _ in found(run(losses, skill=0.9))]
    assert ("LK206", "info") in told
    assert "LK206" not in codes(run(losses, skill=0.9))


def test_ordinary_runs_are_quiet() -> None:
    recording = Run(*problem(), rate=1e-2, hidden=16).recording()
    assert not {"LK205", "LK206"} & codes(recording, severe=False)
