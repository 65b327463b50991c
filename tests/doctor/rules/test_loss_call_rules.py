"""LK108 to LK112 on recordings made by hand: what each must see, where, and what it must let pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from losskit.doctor.finding import Finding
from losskit.recording.facts import End, Event, Layer, Metric, Operation, OptimizerFacts, Place, Progress, Site
from losskit.recording.recording import Recording
from tests.doctor.rules.loss_facts import (
    CALLED,
    CREATED,
    MODEL,
    findings,
    labels,
    one_hot,
    probabilities,
    recording,
    tensor,
)

CE, MSE, KL, BCE = "CrossEntropy", "SquaredError", "KLDivergence", "BinaryCrossEntropy"
CLASSES, SCORES = labels(32, values=tuple(range(10))), tensor(32, 10)
NUMBERS = tensor(32, 1, low=-1.6, high=2.4, mean=0.0, std=1.0)
LOG_PROBABILITIES = tensor(32, 10, low=-9.0, high=-0.01)
MULTI_HOT = labels(32, 10, values=(0, 1), dtype="float32", row_sum_minimum=0.0, row_sum_maximum=3.0)
DIVISION, BACKWARD, OPTIMIZER = Place("train.py", 29), Place("train.py", 31), Place("train.py", 40)


def run(
    calls: Recording,
    losses: list[float],
    *,
    metric: float = 0.1,
    name: str = "accuracy",
    update: float = 1e-2,
    kind: str = "SGD",
    **settings: Any,
) -> Recording:
    """The same loss calls in a run with these losses; a metric of 0.1 is chance."""
    settings = {"lr": 0.01} | settings
    for step, value in enumerate(losses):
        calls.measure("loss", step, value)
        calls.measure("update_ratio/fc", step, update)
        calls.measure("rate", step, settings["lr"])
    calls.progress = Progress(steps=len(losses))
    calls.metric = Metric(name, metric, "validation", count=400, chance=0.0 if name == "r2" else 0.1)
    calls.optimizers = [OptimizerFacts(kind, OPTIMIZER, settings, steps=len(losses))]
    calls.layers = [Layer("fc", "Linear", 0, MODEL, parameters=10, trainable=10, fan_in=4)]
    return calls


def only(code: str, made: Recording) -> Finding:
    (found,) = findings(code, made)
    return found


def severe(code: str, made: Recording) -> list[Finding]:
    return [found for found in findings(code, made) if found.severity != "info"]


STILL, FALLING = [2.3] * 60, [2.3 * 0.95**step for step in range(60)]
GROWING, SINKING = [2.3 * 1.2**step for step in range(60)], [-2.3 - step for step in range(60)]


# --- LK108 -----------------------------------------------------------------------------------------------------------
def test_a_division_by_nothing_is_told_at_its_line() -> None:
    made = recording(None, None, NUMBERS, NUMBERS, arguments={"least_divisor": 2.0})
    made.events = [Event("empty", "the loss is divided by 0", 7, BACKWARD)]
    made.operations = [
        Operation("div", Place("train.py", 3), of=("std",), minimum=0.1),
        Operation("div", DIVISION, of=("sum",), minimum=2.0),
    ]
    assert only("LK108", made).place == DIVISION


def test_ignored_targets_are_told_at_the_loss() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, arguments={"ignored": 0.7, "empty_batches": 0.0})
    assert findings("LK108", made) == []
    made.events = [Event("empty", "every target of the batch is ignored or has weight 0", 7, BACKWARD)]
    assert only("LK108", made).place == CALLED


def test_a_run_that_stops_at_a_batch_of_ignored_targets() -> None:
    arguments = {"ignored": 0.7, "empty_batches": 0.0, "ends_empty": True}
    made = recording(CE, "logits", SCORES, CLASSES, arguments=arguments)
    made.end = End(0, 5.0)
    assert findings("LK108", run(made, FALLING, metric=0.8)) == []
    made.end = End(1, 5.0)
    assert only("LK108", made).place == CALLED


def test_samples_without_weight_are_told_where_the_weights_are_made() -> None:
    made = recording(CE, "probabilities", SCORES, CLASSES, written_by="keras", arguments={"empty_batches": 1.0})
    made.sites = [Site("data", Place("train.py", 5), "inputs"), Site("data", Place("train.py", 6), "weights")]
    assert only("LK108", made).place == Place("train.py", 6)


def test_a_batch_without_weight_among_others_is_let_pass_in_keras() -> None:
    made = recording(CE, "probabilities", SCORES, CLASSES, written_by="keras", arguments={"empty_batches": 0.1})
    assert findings("LK108", made) == []


# --- LK109 -----------------------------------------------------------------------------------------------------------
def test_a_sum_that_throws_the_weights_about() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, scale=32.0, arguments={"reduction": "sum"})
    found = only("LK109", run(made, STILL, update=0.4))
    assert (found.place, found.evidence["how"]) == (CREATED, "summed")


def test_gradients_that_add_up() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, scale=1.0, backwards_per_step=8)
    made.sites = [Site("backward", BACKWARD)]
    found = only("LK109", run(made, GROWING, lr=0.05))
    assert (found.place, found.evidence["how"]) == (BACKWARD, "accumulated")


def test_a_mean_divided_once_more() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, scale=0.001)
    found = only("LK109", run(made, STILL, update=1e-6))
    assert (found.place, found.evidence["how"]) == (CALLED, "divided")


HARMLESS = {
    "a sum that learns": ({"scale": 32.0}, {"losses": FALLING, "metric": 0.95}),
    "a sum with short steps": ({"scale": 32.0}, {"losses": STILL, "update": 1e-3}),
    "a sum with a rate for it": ({"scale": 32.0}, {"losses": GROWING, "lr": 1e-4}),
    "a mean": ({"scale": 1.0}, {"losses": GROWING, "lr": 0.05}),
    "an unknown scale": ({}, {"losses": GROWING, "lr": 0.05}),
    "a rate that is too high for the mean": ({"scale": 32.0}, {"losses": GROWING, "lr": 5.0}),
    "Adam": ({"scale": 32.0}, {"losses": GROWING, "kind": "Adam"}),
    "accumulated and divided": ({"scale": 1 / 8, "backwards_per_step": 8}, {"losses": GROWING, "lr": 0.05}),
    "a small weight that learns": ({"scale": 0.01}, {"losses": FALLING, "metric": 0.9, "update": 5e-4}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_scales_that_do_no_harm(name: str) -> None:
    facts, course = HARMLESS[name]
    assert findings("LK109", run(recording(CE, "logits", SCORES, CLASSES, **facts), **course)) == []


# --- LK110 -----------------------------------------------------------------------------------------------------------
def test_minus_a_loss() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, negated=True)
    assert only("LK110", run(made, SINKING)).place == CALLED


def test_an_optimizer_that_maximizes() -> None:
    made = recording(MSE, "values", NUMBERS, NUMBERS)
    assert only("LK110", run(made, GROWING, name="r2", metric=-50.0, maximize=True)).place == OPTIMIZER


def test_steps_up_the_gradient() -> None:
    made = run(recording(MSE, "values", NUMBERS, NUMBERS), GROWING, name="r2", metric=-50.0)
    made.optimizers, made.sites = [], [Site("step", BACKWARD, "ascent")]
    assert only("LK110", made).place == BACKWARD


def test_an_unknown_loss_that_goes_to_minus_infinity() -> None:
    assert only("LK110", run(recording(None, None, SCORES, CLASSES), SINKING, metric=0.01)).place == CALLED


def test_a_loss_that_is_subtracted_from_another_is_meant_so() -> None:
    made = recording(CE, "logits", SCORES, CLASSES, negated=True)
    made.loss_calls.append(replace(made.loss_calls[0], negated=False, place=Place("train.py", 33)))
    assert findings("LK110", run(made, SINKING)) == []


def test_signs_that_are_right() -> None:
    def minus() -> Recording:
        return recording(CE, "logits", SCORES, CLASSES, negated=True)

    def density() -> Recording:
        return recording(None, None, NUMBERS, NUMBERS)

    assert findings("LK110", run(minus(), SINKING, maximize=True)) == []
    assert findings("LK110", run(minus(), SINKING, metric=0.9)) == []
    assert findings("LK110", run(density(), SINKING, name="r2", metric=0.8)) == []
    assert findings("LK110", run(density(), STILL, name="r2", metric=-5.0)) == []


# --- LK111 -----------------------------------------------------------------------------------------------------------
DIVERGENCES = {
    "probabilities": (
        "prediction-probabilities",
        MODEL,
        probabilities(32, 10),
        probabilities(32, 10),
        ("softmax",),
        {},
    ),
    "scores": ("prediction-scores", CALLED, SCORES, probabilities(32, 10), (), {}),
    "wrong order": ("swapped", CALLED, probabilities(32, 10), LOG_PROBABILITIES, (), {}),
    "logarithms unsaid": ("log-target", CREATED, LOG_PROBABILITIES, LOG_PROBABILITIES, ("log_softmax",), {}),
    "no logarithms": (
        "log-target",
        CREATED,
        LOG_PROBABILITIES,
        probabilities(32, 10),
        ("log_softmax",),
        {"log_target": True},
    ),
    "scores as targets": ("target-scores", CALLED, LOG_PROBABILITIES, SCORES, ("log_softmax",), {}),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_divergence(name: str) -> None:
    how, place, prediction, target, activations, arguments = DIVERGENCES[name]
    made = recording(KL, "log_probabilities", prediction, target, *activations, arguments=arguments)
    found = only("LK111", made)
    assert (found.evidence["how"], found.place, found.severity) == (how, place, "error")


def test_divergences_that_are_right() -> None:
    for prediction, target, arguments in (
        (LOG_PROBABILITIES, probabilities(32, 10), {"reduction": "batchmean"}),
        (LOG_PROBABILITIES, LOG_PROBABILITIES, {"log_target": True, "reduction": "batchmean"}),
        (LOG_PROBABILITIES, one_hot(32, 10), {"reduction": "sum"}),
    ):
        assert findings("LK111", recording(KL, "log_probabilities", prediction, target, arguments=arguments)) == []
    averaged = recording(KL, "log_probabilities", LOG_PROBABILITIES, one_hot(32, 10), arguments={"reduction": "mean"})
    assert severe("LK111", averaged) == []


def test_keras_divergence() -> None:
    def made(prediction: Any, *activations: str) -> Recording:
        run = recording(KL, "probabilities", prediction, probabilities(32, 10), *activations, written_by="keras")
        run.layers = [Layer("dense", "Dense", 0, Place("train.py", 12), parameters=10)]
        return run

    assert only("LK111", made(SCORES)).place == Place("train.py", 12)
    squashed = tensor(32, 10, low=0.1, high=0.9, row_sum_minimum=3.0, row_sum_maximum=6.0)
    assert only("LK111", made(squashed, "sigmoid")).place == MODEL
    assert findings("LK111", made(probabilities(32, 10), "softmax")) == []


# --- LK112 -----------------------------------------------------------------------------------------------------------
def test_one_class_where_several_hold() -> None:
    assert only("LK112", recording(CE, "logits", SCORES, MULTI_HOT)).place == CREATED
    softmax = recording(BCE, "probabilities", probabilities(32, 10), MULTI_HOT, "softmax")
    assert only("LK112", softmax).place == MODEL


def test_labels_that_fit_their_loss() -> None:
    assert findings("LK112", recording(BCE, "logits", SCORES, MULTI_HOT)) == []
    assert findings("LK112", recording(CE, "logits", SCORES, one_hot(32, 10))) == []
    assert findings("LK112", recording(CE, "logits", SCORES, probabilities(32, 10))) == []
    assert findings("LK112", recording(CE, "logits", SCORES, CLASSES)) == []
    by_hand = recording("NegativeLogLikelihood", "log_probabilities", SCORES, MULTI_HOT, written_by="user")
    assert severe("LK112", by_hand) == []


def test_a_yes_or_no_of_exclusive_classes_is_only_a_remark_unless_it_hurts() -> None:
    made = recording(BCE, "logits", SCORES, one_hot(32, 10))
    assert severe("LK112", run(made, FALLING, metric=0.9)) == []
    hurt = only("LK112", run(recording(BCE, "logits", SCORES, one_hot(32, 10)), STILL))
    assert (hurt.severity, hurt.explains) == ("warning", ())
