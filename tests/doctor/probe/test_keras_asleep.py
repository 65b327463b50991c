"""Many short steps of a compiled Keras model: most are only counted, and the run stays what it was."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from losskit.doctor.probe.keras_training import READ_EVERY
from tests.doctor.probe.running import plain, probed

pytest.importorskip("keras")

SCRIPT = """
    import hashlib, os
    os.environ["KERAS_BACKEND"] = "{backend}"
    import numpy as np
    import keras
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(640, 4)).astype("float32")
    y = x @ np.array([1.0, -1.0, 0.5, 0.0], dtype="float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.02), "mse")
    model.fit(x, y, epochs=12, batch_size=16, validation_data=(x[:64], y[:64]), verbose=0)
    weights = b"".join(np.asarray(one).tobytes() for one in model.get_weights())
    print(hashlib.sha256(weights).hexdigest())
"""


PAYS = """
    from losskit.doctor.probe import keras_training
    keras_training.LEAVING = {{"{backend}": 1.0}}
"""  # seconds: a second compilation is worth it at once


@pytest.mark.parametrize(("backend", "twice"), [("jax", False), ("jax", True), ("tensorflow", False)])
def test_steps_that_are_only_counted_change_nothing_and_are_counted(backend: str, twice: bool, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    script = ((PAYS if twice else "") + SCRIPT).format(backend=backend)
    outcome = probed(tmp_path, script)
    assert outcome.status == 0, outcome.stderr
    assert outcome.stdout == plain(tmp_path, script).stdout
    recording = outcome.recording
    assert (recording.progress.steps, recording.progress.epochs) == (480, 12)
    losses, passes = recording.signal("loss"), recording.signal("validation/loss")
    assert list(losses.steps) == sorted(set(losses.steps))
    assert losses.steps[0] == 0
    assert losses.steps[-1] >= 479 - READ_EVERY or twice
    assert list(passes.steps) == [40 * epoch for epoch in range(1, 13)]
    assert losses.values[-1] < 0.1 * losses.values[0]
    assert losses.steps[-1] > 400
    assert (len(losses.steps) < 240) == twice
