"""Keras scripts in the many ways that people write them: what is seen is right, and what is not is said."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from losskit.recording.file import read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="needs keras"),
]

HEAD = """\
import numpy as np
import keras
from keras import layers, ops
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(96, 6)).astype("float32")
y = x[:, :3].argmax(axis=1)
def dense(*before):
    return keras.Sequential([*before, layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")])
model = dense(keras.Input((6,)))
"""
TAIL = "print([float(np.abs(one).sum()) for one in model.get_weights()])\n"


@dataclass(frozen=True)
class Style:
    """A script (after HEAD), and what has to be seen of it."""

    backends: tuple[str, ...]
    source: str
    steps: int
    function: str | None = "sparse_categorical_crossentropy"
    blind: bool = False


STYLES = {
    "functional, weighted": Style(
        ("torch", "jax", "tensorflow"),
        """\
inputs = keras.Input((6,))
hidden = layers.Dense(8, activation="relu")(inputs)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
model.fit(x, y, epochs=2, batch_size=32, class_weight={0: 1.0, 1: 2.0, 2: 1.0}, validation_split=0.5, verbose=0)
""",
        steps=4,
    ),
    "several steps at once": Style(
        ("jax",),
        """\
model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=2)
model.fit(x, y, epochs=2, batch_size=16, verbose=0)
""",
        steps=6,  # calls of the compiled function, each of two steps
        blind=True,
    ),
    "one batch after another": Style(
        ("jax",),
        """\
model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
for epoch in range(3):
    for i in range(0, 96, 32):
        model.train_on_batch(x[i : i + 32], y[i : i + 32])
print(model.evaluate(x, y, verbose=0) > 0)
""",
        steps=9,
    ),
    "a loader of torch": Style(
        ("torch",),
        """\
import torch
from torch.utils.data import DataLoader, TensorDataset
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(DataLoader(TensorDataset(torch.tensor(x), torch.tensor(y)), batch_size=32), epochs=2, verbose=0)
""",
        steps=6,
    ),
    "two models": Style(
        ("jax",),
        """\
for one in (model, dense(keras.Input((6,)))):
    one.compile("sgd", "sparse_categorical_crossentropy")
    one.fit(x, y, batch_size=32, verbose=0)
""",
        steps=3,
    ),
    "adversaries": Style(
        ("torch",),
        """\
import torch
class Adversaries(keras.Model):
    def __init__(self):
        super().__init__()
        self.judge = keras.Sequential([keras.Input((6,)), layers.Dense(1)])
        self.maker = keras.Sequential([keras.Input((2,)), layers.Dense(6)])
    def call(self, real):
        return self.judge(real)
    def compile(self, judges, makes):
        super().compile()
        self.judges, self.makes = judges, makes
        self.loss_of = keras.losses.BinaryCrossentropy(from_logits=True)
    def train_step(self, real):
        real = real[0] if isinstance(real, tuple) else real
        made = self.maker(torch.randn(len(real), 2))
        self.zero_grad()
        truth = torch.cat([torch.ones(len(real), 1), torch.zeros(len(real), 1)])
        loss = self.loss_of(truth, self.judge(torch.cat([real, made.detach()])))
        loss.backward()
        with torch.no_grad():
            weights = self.judge.trainable_weights
            self.judges.apply([one.value.grad for one in weights], weights)
        self.zero_grad()
        loss = self.loss_of(torch.ones(len(real), 1), self.judge(made))
        loss.backward()
        with torch.no_grad():
            weights = self.maker.trainable_weights
            self.makes.apply([one.value.grad for one in weights], weights)
        return {"loss": loss.detach()}
model = Adversaries()
model.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
model.fit(x, batch_size=32, epochs=2, verbose=0)
""",
        steps=6,
        function=None,
        blind=True,
    ),
}


@pytest.mark.parametrize(
    ("name", "backend"), [(name, backend) for name, style in STYLES.items() for backend in style.backends]
)
def test_what_is_seen(name: str, backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    style = STYLES[name]
    (tmp_path / "script.py").write_text(HEAD + style.source + TAIL)
    recorded = [sys.executable, "-m", "losskit.doctor.probe", "--recording", "out.jsonl", "script.py"]
    environment = {**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done, expected = (
        subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        for command in (recorded, [sys.executable, "script.py"])
    )
    recording = read(tmp_path / "out.jsonl")
    assert (done.returncode, done.stdout) == (0, expected.stdout), done.stderr[-2000:]
    told = [event.message for event in recording.events if event.kind == "blind"]
    assert bool(told) == style.blind, told
    assert not any("could not follow" in message for message in told)
    assert recording.progress.steps == style.steps
    if not style.blind:
        assert [call.function for call in recording.loss_calls if call.phase == "train"] == [style.function]
        assert recording.signal("loss").steps == list(range(style.steps))
        assert recording.metric is not None
