"""Runs computed in NumPy and written down as a probe would: a linear model or one hidden layer, SGD or Adam."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from losskit.doctor.probe.tensors import TensorSummary
from losskit.doctor.rules import rules
from losskit.recording.facts import Layer, LossCall, Metric, OptimizerFacts, Place, Progress, TensorFacts
from losskit.recording.recording import Recording

OPTIMIZER, LOSS, MODEL = Place("train.py", 20), Place("train.py", 30), Place("train.py", 10)


def codes(recording: Recording, *, severe: bool = True) -> set[str]:
    """The codes that all rules find in it; with `severe`, without remarks."""
    found = [finding for rule in rules().values() for finding in rule.check(rule, recording)]
    return {finding.code for finding in found if not severe or finding.severity != "info"}


def facts(array: np.ndarray) -> TensorFacts:
    summary = TensorSummary()
    summary.add(np.asarray(array))
    found = summary.facts()
    assert found is not None
    return found


@dataclass
class Run:
    """Least squares on `features` → `targets` with one tanh hidden layer (`hidden` > 0) or none."""

    features: np.ndarray
    targets: np.ndarray
    rate: float
    optimizer: str = "SGD"
    momentum: float = 0.0
    steps: int = 300
    batch: int = 32
    hidden: int = 0
    seed: int = 0

    def recording(self) -> Recording:
        with np.errstate(all="ignore"):  # a run may diverge: that is what it is for
            return self._record()

    def _record(self) -> Recording:
        generator = np.random.default_rng(self.seed)
        weights = self._initial(generator)
        first = [np.zeros_like(w) for w in weights]
        second = [np.zeros_like(w) for w in weights]
        recording = Recording(progress=Progress(steps=self.steps, batch_size=self.batch))
        errors, spread, seen = [], [], []
        for step in range(self.steps):
            rows = generator.integers(0, len(self.features), self.batch)
            x, y = self.features[rows], self.targets[rows]
            prediction, gradients = self._gradients(weights, x, y)
            recording.measure("loss", step, float(((prediction - y) ** 2).mean()))
            recording.measure("prediction/mean", step, float(prediction.mean()))
            recording.measure("prediction/std", step, float(prediction.std()))
            recording.measure("rate", step, self.rate)
            norms = [float(np.sqrt((g**2).sum())) for g in gradients]
            recording.measure("gradient_norm", step, float(np.sqrt(sum(n**2 for n in norms))))
            if step >= 0.8 * self.steps:
                errors.append(((prediction - y) ** 2).sum())
                seen.append(y)
            for index, gradient in enumerate(gradients):
                recording.measure(f"gradient_mean_absolute/fc{index}", step, float(np.abs(gradient).mean()))
                change = self._change(step, first, second, index, gradient)
                recording.measure(
                    f"update_ratio/fc{index}", step, float(np.linalg.norm(change) / np.linalg.norm(weights[index]))
                )
                weights[index] = weights[index] - change
        spread = np.concatenate(seen)
        value = float(1 - sum(errors) / ((spread - spread.mean()) ** 2).sum())
        recording.metric = Metric("r2", value, "training", count=len(spread), chance=0.0)
        recording.inputs = facts(self.features)
        settings = {"lr": self.rate, "momentum": self.momentum}
        recording.optimizers = [OptimizerFacts(self.optimizer, OPTIMIZER, settings, steps=self.steps)]
        call = LossCall(
            "SquaredError",
            "mse_loss",
            "torch",
            "values",
            LOSS,
            prediction=facts(self.targets),
            target=facts(self.targets),
        )
        recording.loss_calls = [call]
        recording.layers = [
            Layer(f"fc{index}", "Linear", index, MODEL, trainable=w.size, parameters=w.size, fan_in=w.shape[0])
            for index, w in enumerate(weights)
        ]
        return recording

    def _initial(self, generator: np.random.Generator) -> list[np.ndarray]:
        sizes = [self.features.shape[1], *([self.hidden] if self.hidden else []), 1]
        return [generator.uniform(-1, 1, size=(n + 1, m)) / np.sqrt(n) for n, m in pairwise(sizes)]

    def _gradients(
        self, weights: list[np.ndarray], x: np.ndarray, y: np.ndarray
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        with_one = _with_one(x)
        if not self.hidden:
            prediction = (with_one @ weights[0])[:, 0]
            error = 2 * (prediction - y)[:, None] / len(y)
            return prediction, [with_one.T @ error]
        middle = np.tanh(with_one @ weights[0])
        prediction = (_with_one(middle) @ weights[1])[:, 0]
        error = 2 * (prediction - y)[:, None] / len(y)
        back = (error @ weights[1][:-1].T) * (1 - middle**2)
        return prediction, [with_one.T @ back, _with_one(middle).T @ error]

    def _change(
        self, step: int, first: list[np.ndarray], second: list[np.ndarray], index: int, gradient: np.ndarray
    ) -> np.ndarray:
        if self.optimizer == "SGD":
            first[index] = self.momentum * first[index] + gradient
            return self.rate * first[index]
        first[index] = 0.9 * first[index] + 0.1 * gradient
        second[index] = 0.999 * second[index] + 0.001 * gradient**2
        mean, square = first[index] / (1 - 0.9 ** (step + 1)), second[index] / (1 - 0.999 ** (step + 1))
        return self.rate * mean / (np.sqrt(square) + 1e-8)


def _with_one(x: np.ndarray) -> np.ndarray:
    return np.hstack([x, np.ones((len(x), 1))])


def problem(seed: int = 0, features: int = 8, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal features, targets of about unit variance."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(500, features))
    y = x @ generator.normal(size=features) / np.sqrt(features) + noise * generator.normal(size=500)
    return x, y
