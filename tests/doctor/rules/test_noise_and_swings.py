"""Oscillation and small batches, on recordings written by hand."""

import numpy as np
import pytest

from losskit.doctor.evidence.swings import swing
from losskit.doctor.rules import rules
from losskit.recording.facts import (
    DataFacts,
    Event,
    Layer,
    LossCall,
    Metric,
    OptimizerFacts,
    Place,
    Progress,
    TensorFacts,
)
from losskit.recording.recording import Recording

OPTIMIZER, STEPS = Place("train.py", 10), 600
NOISE = np.random.default_rng(0).normal(0, 0.2, STEPS)
FALLING = 0.5 + 1.8 * np.exp(-np.arange(STEPS) / 60) + NOISE
SWINGING = FALLING + 0.6 * (1 - np.cos(np.arange(STEPS) / 30))


def run(
    losses: np.ndarray,
    value: float,
    best: float | None = None,
    *,
    batch: int = 32,
    kind: str = "SGD",
    shape: tuple[int, ...] = (),
    **settings: object,
) -> Recording:
    """A classifier of ten classes, 1000 rows; `shape` is that of a row's targets, `value` the last accuracy of 500."""
    target = TensorFacts((batch, *shape), "int64", integral=True, distinct={str(k): 60 for k in range(10)})
    prediction = TensorFacts((batch, 10, *shape), "float32")
    call = LossCall("CrossEntropy", "cross_entropy", "torch", "logits", None, prediction=prediction, target=target)
    recording = Recording(
        progress=Progress(len(losses), 10, batch, 1000),
        metric=Metric("accuracy", value, "validation", best if best is not None else value, 500, 0.1),
        optimizers=[OptimizerFacts(kind, OPTIMIZER, {"lr": 0.05} | settings, steps=len(losses))],
        loss_calls=[call],
        data=DataFacts(500, 20, distinct_rows=500),
    )
    for step, loss in enumerate(losses):
        recording.measure("loss", step, float(loss))
    recording.measure("rate", 0, recording.optimizers[0].settings["lr"])
    return recording


def severities(code: str, recording: Recording) -> list[str]:
    return [finding.severity for finding in rules()[code].check(rules()[code], recording)]


def test_a_swing_is_more_than_noise() -> None:
    assert swing(run(FALLING, 0.9)) is None
    assert swing(run(NOISE, 0.9)) is None
    found = swing(run(SWINGING, 0.9))
    assert found is not None
    assert found.turns >= 3
    assert found.highest > found.lowest + 0.8


def test_noise_alone_seldom_swings() -> None:
    rng = np.random.default_rng(1)
    assert sum(swing(run(rng.normal(size=400), 0.9)) is not None for _ in range(200)) <= 6  # 1 %, two deviations over


def test_a_long_momentum_that_costs_what_was_reached() -> None:
    assert severities("LK403", run(SWINGING, 0.6, 0.9, momentum=0.98)) == ["error"]
    assert severities("LK403", run(SWINGING, 0.3, momentum=0.98)) == ["error"]


@pytest.mark.parametrize(
    "recording",
    [
        run(SWINGING, 0.9, 0.92, momentum=0.98),
        run(SWINGING, 0.6, 0.9, momentum=0.9),
        run(FALLING, 0.6, 0.9, momentum=0.98),
        run(FALLING, 0.3, momentum=0.98),
        run(SWINGING, 0.6, 0.9, kind="Adam", betas=(0.98, 0.999), lr=0.001),
    ],
    ids=["it ends well", "customary momentum", "overfitting", "hard data", "no momentum"],
)
def test_no_oscillation(recording: Recording) -> None:
    assert severities("LK403", recording) == []


def test_a_rate_that_is_raised_again_swings_the_loss_on_purpose() -> None:
    recording = run(SWINGING, 0.6, 0.9, momentum=0.98)
    for step in range(1, STEPS):
        recording.measure("rate", step, 0.025 * (1 + np.cos(step / 20)))
    assert severities("LK403", recording) == []


ABOVE = 2.6 + NOISE  # equal odds of ten classes give 2.303


def test_single_samples_at_the_rate_of_larger_batches() -> None:
    assert severities("LK407", run(ABOVE, 0.12, batch=1, momentum=0.9)) == ["error"]
    assert severities("LK407", run(ABOVE, 0.3, batch=4, momentum=0.9)) == ["error"]
    assert severities("LK407", run(ABOVE, 0.12, batch=1, kind="Adam", lr=0.005)) == ["error"]


def test_scores_that_jump_between_passes() -> None:
    recording = run(FALLING, 0.6, 0.9, batch=1, momentum=0.9)
    for index, score in enumerate([0.3, 0.6, 0.8, 0.85, 0.5, 0.9, 0.4, 0.6]):
        recording.measure("validation/metric", 70 * index, score)
    assert severities("LK407", recording) == ["error"]


@pytest.mark.parametrize(
    "recording",
    [
        run(ABOVE, 0.12, batch=8, momentum=0.9),
        run(ABOVE, 0.12, batch=1, lr=0.005),
        run(FALLING, 0.3, batch=1, momentum=0.9),
        run(3.5 - np.arange(STEPS) / 1000 + NOISE, 0.12, batch=1, momentum=0.9),
        run(ABOVE, 0.3, batch=1, momentum=0.9, shape=(64,)),
        run(ABOVE, 0.12, batch=1, momentum=0.9, lr=5.0),
        run(ABOVE, 0.12, batch=2, momentum=0.9, gradient_accumulation_steps=16),
    ],
    ids=["eight", "low rate", "hard data", "still falling", "an image", "any batch is too small", "gathered"],
)
def test_batches_that_are_no_fault(recording: Recording) -> None:
    assert severities("LK407", recording) == []


def test_batch_normalisation_of_pairs() -> None:
    recording = run(FALLING, 0.75, batch=2, lr=0.001)
    recording.layers = [Layer("norm", "BatchNorm1d", 1, output_shape=(2, 64))]
    assert severities("LK407", recording) == ["warning"]
    recording.layers = [Layer("norm", "BatchNorm2d", 1, output_shape=(2, 64, 8, 8))]
    assert severities("LK407", recording) == []


def test_batch_normalisation_that_refuses_one_sample() -> None:
    recording = run(FALLING[:40], 0.5)
    message = "ValueError: Expected more than 1 value per channel when training, got input size torch.Size([1, 64])"
    recording.events = [Event("exception", message, 40, Place("train.py", 30))]
    assert severities("LK407", recording) == ["error"]
