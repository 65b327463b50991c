"""Rules about gradients, numbers and data, each on a Recording made by hand: the fault, and its harmless neighbour."""

import math

import numpy as np
import pytest
from simulated_run import LOSS, MODEL, OPTIMIZER, codes, facts

from losskit.doctor.finding import Finding
from losskit.doctor.rules import rules
from losskit.recording.facts import Event, Layer, LossCall, Metric, OptimizerFacts, Place, Progress, Site
from losskit.recording.recording import Recording

STEPS = 200
BACKWARD = Place("train.py", 31)


def run(loss: np.ndarray, accuracy: float, counts: tuple[int, ...] = (500, 500), name: str = "accuracy") -> Recording:
    """A classifier with two classes on well-scaled data at an ordinary rate."""
    recording = Recording(progress=Progress(steps=len(loss)))
    for step, value in enumerate(loss):
        recording.measure("loss", step, float(value))
        recording.measure("gradient_norm", step, 1.0)
    chance = max(counts) / sum(counts) if name == "accuracy" else 1 / len(counts)
    recording.metric = Metric(name, accuracy, "validation", count=1000, chance=chance)
    target = np.repeat(np.arange(len(counts)), counts)
    logits = np.random.default_rng(0).normal(size=(sum(counts), len(counts)))
    recording.loss_calls = [
        LossCall(
            "CrossEntropy", "cross_entropy", "torch", "logits", LOSS, LOSS, "train", 1, facts(logits), facts(target)
        )
    ]
    recording.optimizers = [OptimizerFacts("SGD", OPTIMIZER, {"lr": 0.05}, steps=len(loss))]
    recording.inputs = facts(np.random.default_rng(1).normal(size=(100, 6)))
    recording.sites = [Site("backward", BACKWARD)]
    return recording


def add_layers(recording: Recording, gradients: list[float], activation: str = "sigmoid") -> None:
    """Alternating weights and activations, with these mean absolute gradients."""
    for index, size in enumerate(gradients):
        place = Place("train.py", 10 + index)
        name = f"fc{index}"
        recording.layers.append(Layer(name, "Linear", 2 * index, place, parameters=64, trainable=64, fan_in=8))
        recording.layers.append(Layer(f"act{index}", activation.title(), 2 * index + 1, place, activation))
        for step in range(0, STEPS, 10):
            recording.measure(f"gradient_mean_absolute/{name}", step, size)
            recording.measure(f"update_ratio/{name}", step, min(size, 1e-2))


def the(code: str, recording: Recording) -> Finding:
    (found,) = rules()[code].check(rules()[code], recording)
    return found


def flat(level: float = math.log(2), seed: int = 0) -> np.ndarray:
    return level + 0.01 * np.random.default_rng(seed).normal(size=STEPS)


def falling(start: float = 0.69, end: float = 0.05) -> np.ndarray:
    return end + (start - end) * np.exp(-np.arange(STEPS) / 40) + 0.01 * np.random.default_rng(0).normal(size=STEPS)


def test_nothing_learned() -> None:
    assert codes(run(flat(), 0.51)) == {"LK404"}
    assert the("LK404", run(flat(), 0.51)).place == LOSS
    moved = run(flat(), 0.51)
    moved.sites.append(Site("data", Place("train.py", 5), "targets"))
    assert the("LK404", moved).place == Place("train.py", 5)
    moved.signal("gradient_norm").values = [0.0] * STEPS
    assert the("LK404", moved).place == LOSS
    assert codes(run(falling(), 0.98)) == set()
    assert codes(run(falling(), 0.5)) == set()  # the loss knows more than the metric shows
    assert codes(run(flat(), 0.9)) == set()  # the metric knows more than the loss shows
    assert codes(run(flat()[:20], 0.5)) == set()  # a try-out


def test_a_loss_that_grows_and_stays_finite() -> None:
    growing = run(np.linspace(0.7, 4.0, STEPS), 0.5)
    assert "LK401" in codes(growing)
    assert the("LK401", growing).place == OPTIMIZER
    assert "LK401" not in codes(run(np.linspace(0.7, 1.0, STEPS), 0.5))


def test_a_loss_of_unknown_scale_grows_only_with_a_trend() -> None:
    generator = np.random.default_rng(0)
    for loss, found in ((0.01 + np.abs(generator.normal(size=STEPS)), False), (np.linspace(0.5, 4, STEPS), True)):
        recording = run(loss, 0.5)
        recording.loss_calls = []
        recording.metric = None
        recording.measure("loss", STEPS, float(loss[-1]))
        assert ("LK401" in codes(recording)) == found
    negative = run(np.linspace(-1.0, -1.5, STEPS), 0.5)
    negative.loss_calls = []
    negative.metric = None
    assert codes(negative) == set()


@pytest.mark.parametrize(("rate", "update"), [(1e-1, 0.15), (1e-3, 0.02)])
def test_a_rate_that_was_too_high_until_its_schedule_took_it_away(rate: float, update: float) -> None:
    recording = run(np.concatenate([flat()[: STEPS // 2], falling(end=0.4)[: STEPS - STEPS // 2]]), 0.75)
    recording.optimizers = [OptimizerFacts("Adam", OPTIMIZER, {"lr": rate}, steps=STEPS)]
    add_layers(recording, [1e-3, 1e-3])
    for step in range(0, STEPS, 10):
        left = 1.0 if step < STEPS // 2 else 0.3
        recording.measure("rate", step, left * rate)
    for name in ("fc0", "fc1"):
        recording.signals.pop(f"update_ratio/{name}")
        for step in range(0, STEPS, 10):
            recording.measure(f"update_ratio/{name}", step, update if step < 0.4 * STEPS else update / 10)
    assert ("LK401" in codes(recording)) == (rate > 1e-2)


def test_fine_tuning_is_not_a_rate_too_low() -> None:
    for accuracy, found in ((0.9, set()), (0.5, {"LK402"})):
        recording = run(flat(0.6), accuracy)
        recording.optimizers = [OptimizerFacts("Adam", OPTIMIZER, {"lr": 1e-5}, steps=STEPS)]
        add_layers(recording, [1e-3, 1e-3])
        for name in ("fc0", "fc1"):
            recording.signals.pop(f"update_ratio/{name}")
            for step in range(0, STEPS, 10):
                recording.measure(f"update_ratio/{name}", step, 5e-5)
        assert codes(recording) == found


def test_predictions_that_are_still_on_their_way_to_the_targets() -> None:
    for mean, found in ((150.0, {"LK506"}), (195.0, set())):
        recording = run(falling(40000, 3000), 0.0)
        recording.metric = Metric("r2", 0.4, "validation", count=1000, chance=0.0)
        target = np.random.default_rng(0).normal(200, 70, size=500)
        call = LossCall("SquaredError", "mse_loss", "torch", "values", LOSS, target=facts(target))
        recording.loss_calls = [call]
        for step in range(STEPS):
            recording.measure("prediction/mean", step, mean)
        assert codes(recording) == found


def test_vanishing_gradient() -> None:
    recording = run(flat(), 0.5)
    add_layers(recording, [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
    finding = the("LK301", recording)
    assert finding.place == Place("train.py", 10)
    assert finding.evidence["first_over_last"] == pytest.approx(1e-5)
    assert finding.evidence["decades_per_layer"] == pytest.approx(1.0)
    assert "LK404" in finding.explains


@pytest.mark.parametrize(
    "gradients",
    [
        [1e-3, 1e-3, 2e-3, 1e-3, 2e-3, 4e-3],  # no decay
        [1e-6, 1e-2, 1e-3, 1e-2, 1e-3, 1e-2],  # small, but not for its depth
        [1e-6, 1e-3],  # too few layers to tell
    ],
)
def test_other_gradients_do_not_vanish(gradients: list[float]) -> None:
    recording = run(flat(), 0.5)
    add_layers(recording, gradients)
    assert "LK301" not in codes(recording)


def test_vanishing_gradients_that_do_no_harm() -> None:
    recording = run(falling(), 0.97)
    add_layers(recording, [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
    assert codes(recording) == set()


def test_dead_units_are_not_vanishing_gradients() -> None:
    recording = run(flat(), 0.5)
    add_layers(recording, [1e-9, 1e-8, 1e-7, 1e-6, 1e-3], "relu")
    for step in range(0, STEPS, 10):
        recording.measure("dead_fraction/act0", step, 1.0)
    assert codes(recording) == {"LK303", "LK404"}
    assert the("LK303", recording).place == Place("train.py", 10)


def test_dead_units_without_harm_are_a_remark_and_few_are_nothing() -> None:
    for share, found in ((0.8, {"LK303"}), (0.3, set())):
        recording = run(falling(), 0.97)
        add_layers(recording, [1e-3, 1e-3], "relu")
        for step in range(0, STEPS, 10):
            recording.measure("dead_fraction/act0", step, share)
        assert codes(recording, severe=False) == found
        assert codes(recording) == set()


def test_exploding_through_depth() -> None:
    loss = np.concatenate([falling()[:20], np.linspace(5, 1e6, STEPS - 20)])
    recording = run(loss, 0.5)
    add_layers(recording, [1e3, 1e2, 1e1, 1.0, 0.1], "relu")
    found = codes(recording)
    assert "LK302" in found
    assert "LK401" not in found
    assert the("LK302", recording).place == BACKWARD


@pytest.mark.parametrize(("growth", "exploding"), [(5.0, True), (2.0, False)])
def test_weights_that_are_too_large_from_the_start(growth: float, exploding: bool) -> None:
    recording = run(np.concatenate([falling()[:20], np.linspace(5, 1e6, STEPS - 20)]), 0.5)
    add_layers(recording, [1.0, 1.0, 1.0, 1.0, 1.0], "relu")
    for index in range(5):
        recording.measure(f"output_std/fc{index}", 0, growth**index)
    found = codes(recording)
    assert ("LK302" in found, "LK401" in found) == (exploding, not exploding)


def test_exploding_at_a_cliff() -> None:
    loss = np.concatenate([falling()[:60], np.full(STEPS - 60, math.nan)])
    recording = run(loss, 0.5)
    recording.signals.pop("gradient_norm")
    for step in range(61):
        recording.measure("gradient_norm", step, 1.0 + 0.1 * math.sin(step) if step < 58 else 1e6)
    found = codes(recording)
    assert {"LK302", "LK201"} <= found
    assert "LK401" not in found
    assert the("LK302", recording).evidence["step"] == 58


def test_large_gradients_that_do_no_harm() -> None:
    recording = run(falling(), 0.97)
    add_layers(recording, [1e3, 1e2, 1e1, 1.0, 0.1], "relu")
    assert codes(recording) == set()


def test_non_finite_loss_says_how_it_came() -> None:
    sudden = run(np.concatenate([falling()[:50], np.full(150, math.nan)]), 0.5)
    sudden.events = [Event("non-finite", "loss", 50)]
    finding = the("LK201", sudden)
    assert finding.evidence["step"] == 50
    assert finding.place == LOSS
    assert "out of ordinary values" in finding.message
    assert "LK401" not in codes(sudden)
    at_once = the("LK201", run(np.full(STEPS, math.nan), 0.5))
    assert "from the first batch" in at_once.message
    grown = run(np.concatenate([0.7 * 3.0 ** np.arange(20), np.full(180, math.inf)]), 0.5)
    assert "after it had grown" in the("LK201", grown).message
    assert "LK401" in codes(grown)
    assert "LK201" in rules()["LK401"].explains


def test_finite_losses_are_finite() -> None:
    assert not list(rules()["LK201"].check(rules()["LK201"], run(falling(), 0.97)))


def overfitted(rise: float, accuracy_end: float = 0.8) -> Recording:
    recording = run(falling(0.69, 0.001), accuracy_end)
    for index in range(20):
        value = 0.3 + 0.39 * math.exp(-index / 2) + rise * max(index - 8, 0) / 11
        recording.measure("validation/loss", 10 * index, value)
        recording.measure("validation/metric", 10 * index, 0.9 if index < 12 else accuracy_end)
    return recording


def test_overfitting() -> None:
    finding = the("LK501", overfitted(0.4))
    assert finding.severity == "warning"
    assert finding.evidence["best_step"] == pytest.approx(85, abs=15)


@pytest.mark.parametrize(("rise", "found"), [(0.06, {"LK501"}), (0.01, set()), (-0.05, set())])
def test_mild_overfitting_does_not_disturb(rise: float, found: set[str]) -> None:
    recording = overfitted(rise, accuracy_end=0.9)
    assert codes(recording) == set()
    assert codes(recording, severe=False) == found


def test_a_noisy_validation_loss_is_not_overfitting() -> None:
    generator = np.random.default_rng(0)
    alarms = 0
    for _ in range(50):
        recording = run(falling(0.69, 0.001), 0.9)
        for index in range(20):
            value = 0.3 + 0.39 * math.exp(-index / 2) + 0.03 * generator.normal()
            recording.measure("validation/loss", 10 * index, value)
        alarms += "LK501" in codes(recording, severe=False)
    assert alarms <= 2  # 1 %, and what choosing the minimum adds


def test_class_imbalance() -> None:
    ignored = run(falling(0.3, 0.08), 0.5, counts=(970, 30), name="balanced_accuracy")
    assert "LK503" in codes(ignored)
    assert the("LK503", ignored).evidence["counts"] == {"0": 970, "1": 30}
    assert codes(run(falling(0.3, 0.01), 0.9, counts=(970, 30), name="balanced_accuracy")) == set()
    assert "LK503" not in codes(run(falling(), 0.5, counts=(600, 400)))


def test_adversarial_training_is_not_judged() -> None:
    recording = run(flat(), 0.5)
    other = LossCall("BinaryCrossEntropy", "bce", "torch", "logits", Place("train.py", 40))
    recording.loss_calls.append(other)
    recording.optimizers.append(OptimizerFacts("Adam", Place("train.py", 21), {"lr": 2e-4}, steps=STEPS))
    assert codes(recording, severe=False) == set()


def test_an_empty_recording_gives_nothing() -> None:
    assert codes(Recording(), severe=False) == set()
    almost = Recording(sites=[Site("model", MODEL)])
    almost.measure("loss", 0, 1.0)
    assert codes(almost, severe=False) == set()
