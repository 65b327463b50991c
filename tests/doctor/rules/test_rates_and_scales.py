"""Rates and scales, on gradient descent computed in NumPy: each fault is named, none is seen where there is none."""

import numpy as np
import pytest
from simulated_run import OPTIMIZER, Run, codes, problem

from losskit.doctor.rules import rules

SCALES = np.array([1, 1, 1, 1, 1, 1, 1, 1000.0])


@pytest.mark.parametrize(
    "run",
    [
        Run(*problem(), rate=3.0),
        Run(*problem(), rate=0.7),
        Run(*problem(1), rate=0.2, momentum=0.99, batch=4),
        Run(*problem(), rate=10.0, optimizer="Adam", hidden=16),
        Run(*problem(), rate=1.0, optimizer="Adam", hidden=16),
    ],
)
def test_a_rate_that_is_too_high(run: Run) -> None:
    recording = run.recording()
    found = codes(recording)
    assert "LK401" in found
    assert not {"LK402", "LK505", "LK506"} & found
    finding = next(iter(rules()["LK401"].check(rules()["LK401"], recording)))
    assert finding.place == OPTIMIZER


def test_a_number_that_breaks_out_of_a_falling_loss_is_not_the_rates_fault() -> None:
    recording = Run(*problem(), rate=1.0, optimizer="Adam", hidden=16, steps=60).recording()
    loss = recording.signal("loss")
    loss.values = [0.9**step if step < 20 else float("nan") for step in loss.steps]
    assert {"LK201"} <= codes(recording)
    assert "LK401" not in codes(recording)
    loss.values = [2.0**step if step < 20 else float("nan") for step in loss.steps]
    assert "LK401" in codes(recording)


@pytest.mark.parametrize(
    "run",
    [
        Run(*problem(), rate=1e-6),
        Run(*problem(), rate=1e-5, hidden=16),
        Run(*problem(), rate=1e-6, optimizer="Adam", hidden=16),
        Run(*problem(), rate=1e-5, optimizer="Adam", hidden=16),
        Run(*problem(), rate=1e-8, optimizer="Adam", hidden=16),
    ],
)
def test_a_rate_that_is_too_low(run: Run) -> None:
    found = codes(run.recording())
    assert "LK402" in found
    assert not {"LK401", "LK505", "LK506"} & found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("optimizer", "rate", "momentum", "hidden", "steps", "batch"),
    [
        ("SGD", 1e-2, 0.0, 0, 300, 32),
        ("SGD", 1e-2, 0.9, 0, 300, 32),
        ("SGD", 5e-2, 0.0, 16, 300, 4),  # noisy small batches
        ("SGD", 1e-2, 0.0, 16, 40, 32),  # a short run that still improves
        ("Adam", 1e-3, 0.0, 16, 2000, 32),
        ("Adam", 1e-2, 0.0, 16, 300, 8),
        ("Adam", 3e-2, 0.0, 0, 300, 32),
    ],
)
def test_healthy_runs_are_quiet(
    seed: int, optimizer: str, rate: float, momentum: float, hidden: int, steps: int, batch: int
) -> None:
    run = Run(
        *problem(seed),
        rate=rate,
        optimizer=optimizer,
        momentum=momentum,
        hidden=hidden,
        steps=steps,
        batch=batch,
        seed=seed,
    )
    assert codes(run.recording(), severe=False) == set()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_pure_noise_is_not_the_rates_fault(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(500, 8)), generator.normal(size=500)
    assert codes(Run(x, y, rate=1e-2, hidden=8).recording()) <= {"LK404"}
    assert "LK404" in codes(Run(x, y, rate=1e-3, momentum=0.9, steps=600, seed=seed).recording())


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
def test_unscaled_inputs_are_the_cause_of_a_divergence_at_an_ordinary_rate(rate: float) -> None:
    x, y = problem()
    found = codes(Run(x * SCALES, y, rate=rate).recording())
    assert "LK505" in found
    assert "LK401" not in found


def test_unscaled_inputs_that_do_no_harm_are_a_remark() -> None:
    x, y = problem()
    recording = Run(x * SCALES, y, rate=1e-2, optimizer="Adam", steps=3000).recording()
    recording.metric = type(recording.metric)("r2", 0.9, "training", chance=0.0) if recording.metric else None
    assert codes(recording) == set()
    assert codes(recording, severe=False) == {"LK505"}


def test_unscaled_targets() -> None:
    x, y = problem()
    slow = codes(Run(x, 150 + 70 * y, rate=1e-3, optimizer="Adam", hidden=16).recording())
    assert slow - {"LK404"} == {"LK506"}
    late = Run(x, 150 + 70 * y, rate=1e-2, optimizer="Adam", hidden=16, steps=1200)  # there, but nothing else learned
    assert codes(late.recording()) == {"LK506"}
    diverged = codes(Run(x, 1e6 * (2 + y), rate=1e-1, hidden=16).recording())
    assert "LK506" in diverged
    assert "LK401" not in diverged


def test_targets_in_natural_units_that_train_well_are_a_remark() -> None:
    x, y = problem()
    recording = Run(x, 150 + 70 * y, rate=1e-2, momentum=0.9).recording()
    assert codes(recording) == set()
    assert codes(recording, severe=False) == {"LK506"}
