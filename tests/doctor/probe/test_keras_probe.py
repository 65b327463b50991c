"""Keras scripts run under the probe, and what the Recording says of them."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losskit.recording.file import read
from losskit.recording.recording import Recording

HEAD = """
import hashlib, json
import numpy as np
import keras
from keras import layers, ops
keras.utils.set_random_seed(0)
generator = np.random.default_rng(0)
x = generator.normal(size=(260, 6)).astype("float32")
y = x[:, :3].argmax(axis=1)
"""
TAIL = """
weights = b"".join(np.asarray(one).tobytes() for one in model.get_weights())
print(json.dumps({"weights": hashlib.sha256(weights).hexdigest(), **seen}))
"""
FIT = (
    HEAD
    + """
model = keras.Sequential([
    keras.Input((6,)),
    layers.Dense(8, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(
        3, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.SGD(0.1),
    loss=keras.losses.SparseCategoricalCrossentropy(
        from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(x, y, epochs=3, batch_size=32, validation_split=0.25, verbose=0)
seen = history.history
"""
    + TAIL
)
CLASS = (
    HEAD
    + """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(4, activation="tanh")
        self.scores = layers.Dense(3)

    def call(self, inputs):
        return ops.softmax(
            self.scores(self.hidden(inputs)))

def own_loss(truth, prediction):
    return keras.losses.sparse_categorical_crossentropy(
        truth, prediction, from_logits=True)

model = Net()
model.compile("adam", own_loss)
model.fit(x, y, epochs=1, batch_size=64, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 1.0})
model.compile("adam", "mse")
model.train_on_batch(x[:32], keras.utils.to_categorical(y[:32], 3))
seen = {}
"""
    + TAIL
)
LOOP = (
    HEAD
    + """
model = keras.Sequential([keras.Input((6,)), layers.Dense(3, activation="sigmoid")])
criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.SGD(0.1)
import torch
losses = []
for start in range(0, 256, 32):
    batch, target = torch.tensor(x[start:start + 32]), torch.tensor(y[start:start + 32])
    loss = criterion(target, model(batch, training=True))
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        optimizer.apply([one.value.grad for one in model.trainable_weights], model.trainable_weights)
    losses.append(float(loss.detach()))
with torch.no_grad():
    held_out = float(criterion(torch.tensor(y[:100]), model(torch.tensor(x[:100]))))
seen = {"losses": losses, "held_out": held_out}
"""
    + TAIL
)
OURS = (
    HEAD
    + """
import torch
from losskit.frameworks.keras import wrap
import losskit

model = keras.Sequential([keras.Input((6,)), layers.Dense(1)])
criterion = wrap(losskit.Huber(delta=2.0))
optimizer = keras.optimizers.SGD(0.1)
target = torch.tensor(x[:, :1])
for _ in range(4):
    loss = criterion(target, model(torch.tensor(x)))
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        optimizer.apply([one.value.grad for one in model.trainable_weights], model.trainable_weights)
seen = {"last": float(loss.detach())}
"""
    + TAIL
)
INPUTS = (
    HEAD
    + """
class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return x[32 * index : 32 * index + 32], y[32 * index : 32 * index + 32]

def batches():
    while True:
        yield from map(Batches().__getitem__, range(4))

class Own(keras.Sequential):
    def train_step(self, *arguments):
        return super().train_step(*arguments)

model = Own([keras.Input((6,)), layers.Dense(3)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(Batches(), verbose=0)
model.fit(batches(), steps_per_epoch=4, verbose=0)
model.fit(x[:128], y[:128], sample_weight=np.full(128, 0.5), validation_split=0.25, verbose=0)
model.train_on_batch(x[:32], y[:32])
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    model.fit(tf.data.Dataset.from_tensor_slices((x[:128], y[:128])).batch(32), verbose=0)
seen = {}
"""
    + TAIL
)
SCRIPTS = {"inputs": INPUTS, "ours": OURS, "fit": FIT, "class": CLASS, "loop": LOOP}

needs = {
    name: pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
    for name in ("torch", "jax")
}
BACKENDS = [
    pytest.param("torch", marks=needs["torch"]),
    pytest.param("jax", marks=needs["jax"]),
    pytest.param(
        "tensorflow",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs tensorflow"),
        ],
    ),
]
pytestmark = pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="needs keras")


@cache
def run(script: str, backend: str, watch: str = "all") -> tuple[dict[str, Any], Recording]:
    """(what the script printed, the Recording of its run)."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.py").write_text(SCRIPTS[script])
        done = subprocess.run(
            [sys.executable, "-m", "losskit.doctor.probe", "--recording", "out.jsonl", "--watch", watch, "script.py"],
            cwd=folder,
            env={**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1]), read(Path(folder) / "out.jsonl")


def line_of(script: str, text: str) -> int:
    """The number of the first line that holds a text."""
    return next(number for number, line in enumerate(SCRIPTS[script].split("\n"), 1) if text in line)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_run_is_the_same_with_and_without_the_probe(backend: str) -> None:
    watched, recording = run("fit", backend)
    alone, _ = run("fit", backend, "none")
    assert watched == alone
    assert [event for event in recording.events if event.kind == "blind"] == []
    assert recording.start is not None
    assert recording.start.framework == "keras"
    assert recording.start.versions["keras_backend"] == backend


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_batch_and_every_pass_is_told(backend: str) -> None:
    """Keras logs a running mean: over an epoch, the batches' own losses have that mean."""
    history, recording = run("fit", backend)
    loss = recording.signal("loss")
    assert loss.steps == list(range(21))
    rows = np.array([32] * 6 + [3])  # 195 samples
    epochs = (loss.array().reshape(3, 7) * rows).sum(axis=1) / rows.sum()
    np.testing.assert_allclose(epochs, history["loss"], rtol=1e-5)
    passes = recording.signal("validation/loss")
    assert passes.steps == [7, 14, 21]
    np.testing.assert_allclose(passes.values, history["val_loss"], rtol=1e-5)
    np.testing.assert_allclose(recording.signal("validation/metric").values, history["val_accuracy"], rtol=1e-5)
    assert recording.metric is not None
    assert (recording.metric.name, recording.metric.source, recording.metric.count) == ("accuracy", "validation", 65)
    progress = recording.progress
    assert (progress.steps, progress.epochs, progress.batch_size) == (21, 3, 32)
    assert (progress.training_samples, progress.validation_samples) == (195, 65)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gradient_is_the_one_the_optimizer_followed(backend: str) -> None:
    """Plain SGD moves by rate · gradient: that holds only for the right batch, weights and dropout mask.

    TensorFlow's is recomputed on the batch before, so there it is only near, and not where one of the two is the
    remainder of an epoch (three rows).
    """
    _, recording = run("fit", backend)
    for name in ("dense", "dense_1"):
        gradient = recording.signal(f"gradient_norm/{name}")
        assert len(gradient)  # how many looks there are is a matter of what they cost, which is not asserted
        moved = recording.signal(f"update_ratio/{name}").array() * recording.signal(f"weight_norm/{name}").array()
        tolerance = 1e-3 if backend != "tensorflow" else 0.8
        alike = [backend != "tensorflow" or step % 7 not in (0, 6) for step in gradient.steps]
        assert any(alike)
        np.testing.assert_allclose(moved[alike], 0.1 * gradient.array()[alike], rtol=tolerance)
    total = recording.signal("gradient_norm")
    parts = [recording.signal(f"gradient_norm/{name}").array() for name in ("dense", "dense_1")]
    np.testing.assert_allclose(total.array(), np.hypot(*parts), rtol=1e-6)
    assert recording.signal("rate").values == pytest.approx([0.1])
    dead = recording.signal("dead_fraction/dense").array()
    assert ((dead >= 0) & (dead <= 1)).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_loss_and_its_lines(backend: str) -> None:
    _, recording = run("fit", backend)
    (call,) = recording.loss_calls
    assert (call.loss, call.function, call.written_by) == ("CrossEntropy", "sparse_categorical_crossentropy", "keras")
    assert call.arguments["from_logits"] is True
    assert call.calls == 21
    # TensorFlow takes the logits from behind the softmax by itself
    assert call.expects == ("probabilities" if backend == "tensorflow" else "logits")
    assert call.place is not None
    assert call.created is not None
    assert call.place.line == call.created.line == line_of("fit", "loss=keras")
    (activation,) = call.activations
    assert (activation.name, activation.axis, activation.layer) == ("softmax", -1, "dense_1")
    assert activation.place is not None
    assert activation.place.line == line_of("fit", 'activation="softmax"')
    assert call.prediction is not None
    assert call.target is not None
    assert call.prediction.row_sum_minimum == pytest.approx(1, abs=1e-5)
    assert call.target.integral
    assert set(call.target.distinct or {}) == {"0", "1", "2"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_layers_and_optimizer(backend: str) -> None:
    _, recording = run("fit", backend)
    assert [(one.kind, one.activation, one.fan_in) for one in recording.layers] == [
        ("Dense", "relu", 6),
        ("Dropout", None, None),
        ("Dense", "softmax", 8),
    ]
    first, _, last = recording.layers
    assert first.place is not None
    assert last.place is not None
    assert first.place.line == line_of("fit", 'activation="relu"')
    assert last.place.line == line_of("fit", 'activation="softmax"') - 1
    assert (first.parameters, first.output_shape, last.settings["units"]) == (56, (32, 8), 3)
    limit = math.sqrt(6 / (6 + 8))  # Glorot: uniform in ±limit, of standard deviation limit/√3
    assert first.weight_std == pytest.approx(limit / math.sqrt(3), rel=0.25)
    (optimizer,) = recording.optimizers
    assert (optimizer.kind, optimizer.parameters, optimizer.steps) == ("SGD", 83, 21)
    assert optimizer.settings["lr"] == pytest.approx(0.1)
    assert optimizer.place is not None
    assert optimizer.place.line == line_of("fit", "optimizer=")
    assert recording.inputs is not None
    assert recording.inputs.shape == (32, 6)
    assert [site.place.line for site in recording.places("fit")] == [line_of("fit", "model.fit")]
    made = {site.detail: site.place.line for site in recording.places("data")}
    assert made == {"inputs": line_of("fit", "x = generator"), "targets": line_of("fit", "y = x")}


@pytest.mark.parametrize("backend", BACKENDS)
def test_whatever_the_batches_come_from(backend: str) -> None:
    """A PyDataset, a generator, weighted arrays of which a part is held out, one batch, a tf.data.Dataset."""
    _, recording = run("inputs", backend)
    assert recording.signal("loss").steps == list(range(16 if backend == "tensorflow" else 12))
    assert [event for event in recording.events if event.kind == "blind"] == []
    assert (recording.progress.training_samples, recording.progress.validation_samples) == (128, 32)
    assert recording.metric is not None
    assert (recording.metric.source, recording.metric.count) == ("validation", 32)
    made = {site.detail: site.place.line for site in recording.places("made")}  # of the arrays that fit has slices of
    assert made == {"inputs": line_of("inputs", "x = generator"), "targets": line_of("inputs", "y = x")}


@needs["jax"]
def test_what_a_model_and_a_loss_written_by_the_user_call() -> None:
    """A softmax in `call`, a Keras loss in the user's own function, and a second compile."""
    _, recording = run("class", "jax")
    inner, second = recording.loss_calls
    assert (inner.function, inner.expects, inner.calls) == ("sparse_categorical_crossentropy", "logits", 5)
    assert inner.created is not None
    assert inner.created.line == line_of("class", "keras.losses.sparse")
    (activation,) = inner.activations
    assert activation.name == "softmax"
    assert activation.place is not None
    assert activation.place.line == line_of("class", "ops.softmax")
    assert inner.arguments["class_weight"] == {"0": 1.0, "1": 2.0, "2": 1.0}
    assert (second.loss, second.expects) == ("SquaredError", "values")
    assert second.place is not None
    assert second.place.line == line_of("class", '"mse"')
    assert [layer.name for layer in recording.layers] == ["dense", "dense_1"]


@needs["torch"]
def test_a_loop_written_by_hand() -> None:
    printed, recording = run("loop", "torch")
    assert printed == run("loop", "torch", "none")[0]
    np.testing.assert_allclose(recording.signal("loss").values, printed["losses"], rtol=1e-6)
    (call,) = recording.loss_calls
    assert (call.loss, call.expects, call.calls) == ("CrossEntropy", "logits", 8)
    assert call.place is not None
    assert call.created is not None
    assert (call.place.line, call.created.line) == (line_of("loop", "loss = crit"), line_of("loop", "criterion ="))
    assert [one.name for one in call.activations] == ["sigmoid"]
    assert len(recording.signal("gradient_norm/dense")) == 8
    np.testing.assert_allclose(
        recording.signal("update_ratio/dense").array() * recording.signal("weight_norm/dense").array(),
        0.1 * recording.signal("gradient_norm/dense").array(),
        rtol=1e-3,
    )
    assert recording.signal("validation/loss").last == pytest.approx(printed["held_out"], rel=1e-5)
    assert recording.metric is not None
    assert (recording.metric.source, recording.metric.count) == ("validation", 100)
    assert [event for event in recording.events if event.kind == "blind"] == []


@needs["torch"]
def test_a_loss_of_losskit_in_a_loop() -> None:
    printed, recording = run("ours", "torch")
    (call,) = recording.loss_calls
    assert (call.loss, call.written_by, call.expects, call.calls) == ("Huber", "losskit", "values", 4)
    assert recording.signal("loss").last == pytest.approx(printed["last"])
    assert recording.metric is not None
    assert recording.metric.name == "r2"
