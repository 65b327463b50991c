"""losskit in Keras 3: compiled, trained, saved and loaded on each backend, in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import keras, numpy as np, losskit
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(96, 4)).astype("float32")
y = (x[:, 0] > 0).astype("int64") + (x[:, 1] > 0.5)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
loss = losskit.keras.wrap(losskit.CrossEntropy(label_smoothing=0.1), name="ce")
model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss, metrics=["accuracy"])
history = model.fit(x, y, epochs=8, batch_size=32, verbose=0, sample_weight=np.ones(96))
assert history.history["loss"][-1] < 0.8 * history.history["loss"][0], history.history["loss"]

# A mean divides by the sum of the weights.
weights = np.array([1.0, 0.0, 3.0], "float32")
scores, labels = x[:3, :3], np.array([0, 1, 2])
ours = float(keras.ops.convert_to_numpy(loss(labels, scores, weights)))
values = losskit.CrossEntropy(label_smoothing=0.1)(scores.astype("float64"), labels, reduction="none")
assert abs(ours - (values * weights).sum() / weights.sum()) < 1e-5

# (N,) targets beside (N, 1) predictions, as Keras users have them; nothing else is broadcast.
mse = losskit.keras.wrap(losskit.MSE())
assert abs(float(keras.ops.convert_to_numpy(mse(np.zeros(3, "float32"), np.ones((3, 1), "float32")))) - 1.0) < 1e-6
try:
    mse(np.zeros((3, 1), "float32"), np.ones(3, "float32"))
except losskit.ShapeError:
    pass
else:
    raise SystemExit("(N, 1) targets beside (N,) predictions were accepted")

path = sys.argv[1]
before = model.evaluate(x, y, verbose=0)
model.save(path)
loaded = keras.saving.load_model(path)
assert loaded.loss.loss == losskit.CrossEntropy(label_smoothing=0.1)
np.testing.assert_allclose(loaded.evaluate(x, y, verbose=0), before, rtol=1e-5)
loaded.fit(x, y, epochs=1, verbose=0)
print("ok", keras.config.backend())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_a_model_with_a_losskit_loss_is_trained_saved_and_loaded(backend: str, tmp_path) -> None:
    for package in ("keras", backend):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "model.keras")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"ok {backend}" in done.stdout
