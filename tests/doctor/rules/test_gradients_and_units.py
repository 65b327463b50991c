"""Rules about gradients that are left over, parameters that stay put, first weights and modes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulated_run import facts

from losskit.doctor.finding import Finding
from losskit.doctor.rules import rules
from losskit.recording.facts import (
    Event,
    Layer,
    LossCall,
    Metric,
    Modes,
    OptimizerFacts,
    Place,
    Progress,
    Site,
    Start,
)
from losskit.recording.recording import Recording

MODEL, OPTIMIZER, BACKWARD, ZERO, STEP = (Place("train.py", line) for line in (10, 20, 30, 29, 31))


def trained(accuracy: float = 0.2, optimizer: OptimizerFacts | None = None) -> Recording:
    """A classifier of ten classes with three layers, all drawn at random, all moved."""
    recording = Recording(start=Start("train.py", framework="torch"), progress=Progress(steps=100))
    for step in range(100):
        recording.measure("loss", step, 2.3)
        recording.measure("gradient_norm", step, 1.0)
    recording.metric = Metric("accuracy", accuracy, "validation", count=1000, chance=0.1)
    recording.loss_calls = [LossCall("CrossEntropy", "cross_entropy", "torch", "logits", BACKWARD, calls=100)]
    recording.optimizers = [optimizer or OptimizerFacts("SGD", OPTIMIZER, {"lr": 0.01}, steps=100, fresh_steps=10)]
    recording.sites = [Site("backward", BACKWARD), Site("step", STEP)]
    for depth, name in enumerate(("fc1", "fc2", "fc3")):
        recording.layers.append(
            Layer(
                name, "Linear", depth, Place("train.py", 10 + depth), parameters=100, trainable=100, fan_in=10,
                weight_mean=0.0, weight_std=0.3, random=True, reached=True, moved=True,
            )
        )  # fmt: skip
    return recording


def changed(recording: Recording, *names: str, **fields: object) -> Recording:
    """With other facts of these layers."""
    recording.layers = [replace(one, **fields) if one.name in names else one for one in recording.layers]
    return recording


def the(code: str, recording: Recording) -> Finding:
    (found,) = rules()[code].check(rules()[code], recording)
    return found


def silent(code: str, recording: Recording) -> bool:
    return not [one for one in rules()[code].check(rules()[code], recording) if one.severity != "info"]


# LK307
def test_gradients_that_are_left_over() -> None:
    stale = OptimizerFacts("SGD", OPTIMIZER, steps=100, fresh_steps=1, stale_steps=9)
    found = the("LK307", trained(optimizer=stale))
    assert (found.place, found.severity) == (BACKWARD, "error")
    assert the("LK307", trained(0.95, stale)).severity == "warning"  # certain, whatever came of it
    rare = trained(optimizer=stale)
    rare.sites.append(Site("zero_grad", ZERO))
    assert the("LK307", rare).place == ZERO
    assert silent("LK307", trained())
    assert silent("LK307", trained(optimizer=replace(stale, fresh_steps=8, stale_steps=2)))


def test_updates_by_hand_that_keep_their_gradients() -> None:
    recording = trained()
    recording.optimizers = []
    recording.events = [Event("stale", "left", 3, BACKWARD)]
    assert the("LK307", recording).place == BACKWARD


def test_gradients_that_are_gone_before_the_step() -> None:
    recording = trained()
    recording.sites.append(Site("zero_grad", ZERO))
    assert silent("LK307", recording)
    recording.signals.pop("gradient_norm")
    assert the("LK307", recording).place == ZERO
    recording.optimizers = [replace(recording.optimizers[0], missing=("fc1.weight", "fc2.weight", "fc3.weight"))]
    assert silent("LK307", recording)  # the optimizer holds another model's


# LK305
def test_parameters_that_no_optimizer_holds() -> None:
    recording = changed(trained(), "fc3", moved=False)
    assert silent("LK305", recording)  # held: its gradient is too small
    recording.optimizers = [replace(recording.optimizers[0], missing=("fc3.weight", "fc3.bias"))]
    assert the("LK305", recording).place == OPTIMIZER
    assert silent("LK305", changed(recording, "fc3", random=False))  # loaded
    assert silent("LK305", changed(recording, "fc3", random=True, moved=True))  # trained in another phase
    plain = changed(recording, "fc3", moved=False, registered=False)
    assert the("LK305", plain).place == Place("train.py", 12)


def test_layers_behind_a_cut() -> None:
    cut = Place("train.py", 15)
    recording = changed(trained(), "fc1", "fc2", reached=False, moved=False, cut=cut)
    assert the("LK305", recording).place == cut
    assert silent("LK305", changed(recording, "fc1", "fc2", moved=True))  # an average of others
    teacher = changed(recording, "fc1", "fc2", moved=False)
    teacher.optimizers = [replace(teacher.optimizers[0], missing=("fc1.weight", "fc2.weight"))]
    teacher.metric = replace(teacher.metric, value=0.9) if teacher.metric else None
    assert silent("LK305", teacher)  # held by none, reached by nothing: targets come from it


@pytest.mark.parametrize(("accuracy", "found"), [(0.2, True), (0.9, False)])
def test_frozen_at_random_is_told_when_it_harms(accuracy: float, found: bool) -> None:
    recording = changed(trained(accuracy), "fc1", "fc2", trainable=0, reached=False, moved=False)
    assert silent("LK305", recording) != found
    assert silent("LK305", changed(recording, "fc1", "fc2", random=False))


def test_a_step_that_is_never_made() -> None:
    recording = trained(optimizer=OptimizerFacts("SGD", OPTIMIZER, steps=0))
    recording.signals.clear()
    assert the("LK305", recording).place == BACKWARD


# LK306
def test_units_that_start_alike() -> None:
    place = Place("train.py", 14)
    alike = changed(trained(), "fc1", identical_units=True, weight_std=0.0, weight_mean=0.5, initialised=place)
    assert the("LK306", alike).place == place
    last = changed(trained(), "fc3", identical_units=True, weight_std=0.0)
    assert silent("LK306", last)


def test_weights_that_are_too_wide_or_too_narrow() -> None:
    place = Place("train.py", 14)
    names = ("fc1", "fc2", "fc3")
    wide = changed(trained(), *names, weight_std=2.0, initialised=place)
    wide.signals["loss"].values[0] = 50.0
    wide.loss_calls = [labelled(wide.loss_calls[0])]
    assert the("LK306", wide).place == place
    wide.signals["loss"].values[0] = 2.4
    assert silent("LK306", wide)  # to no effect
    narrow = changed(trained(), *names, weight_std=0.01, initialised=place)
    assert the("LK306", narrow).place == place
    assert silent("LK306", changed(narrow, *names, initialised=None))  # the framework's own
    narrow.layers.append(Layer("norm", "LayerNorm", 3))
    assert silent("LK306", changed(narrow, *names, initialised=place))


def labelled(call: LossCall) -> LossCall:
    generator = np.random.default_rng(0)
    return replace(call, prediction=facts(generator.normal(size=(64, 10))), target=facts(np.arange(64) % 10))


# LK304
def test_a_gate_that_is_shut_by_its_bias() -> None:
    recording = changed(trained(0.2), "fc1", activated=Place("train.py", 16), biased=Place("train.py", 9))
    for step in range(100):
        recording.measure("saturated_fraction/fc1", step, 1.0)
    assert the("LK304", recording).place == Place("train.py", 9)


def test_saturated_hidden_units() -> None:
    for layer, harm, found in (("fc1", 0.2, True), ("fc3", 0.2, False), ("fc1", 0.95, False)):
        recording = changed(trained(harm), layer, activated=Place("train.py", 16))
        for step in range(100):
            recording.measure(f"saturated_fraction/{layer}", step, 0.8)
        assert silent("LK304", recording) != found
        if found:
            assert the("LK304", recording).place == Place("train.py", 16)


# LK509
@pytest.mark.parametrize(
    ("modes", "line"),
    [
        (Modes(("Dropout",), trained=5, evaluated=5, evaluated_in_training=5, evaluated_at=Place("train.py", 40)), 40),
        (
            Modes(("Dropout",), trained=5, evaluated=5, evaluated_in_training=1, evaluated_at=Place("train.py", 40)),
            None,
        ),
        (Modes((), trained=5, evaluated=5, evaluated_in_training=5), None),
        (Modes(("Dropout",), trained=5, trained_in_evaluation=4, evaluated=5, trained_at=Place("train.py", 25)), 25),
        (Modes(("Dropout",), trained=5, trained_in_evaluation=2, evaluated=5, trained_at=Place("train.py", 25)), None),
        (Modes((), trained=5, evaluated=5, functional=Place("train.py", 16)), 16),
    ],
)
def test_modes(modes: Modes, line: int | None) -> None:
    recording = trained(0.9)
    recording.modes = modes
    if line is None:
        assert silent("LK509", recording)
    else:
        assert the("LK509", recording).place == Place("train.py", line)


def test_statistics_that_are_never_learned() -> None:
    modes = Modes(("BatchNorm1d",), trained=5, trained_in_evaluation=5, first_in_evaluation=True)
    names = [layer.name for layer in trained(0.9).layers]
    for drawn in (True, False):
        recording = changed(trained(0.9), *names, random=drawn)
        recording.modes = replace(modes, trained_at=Place("train.py", 25))
        assert silent("LK509", recording) != drawn
