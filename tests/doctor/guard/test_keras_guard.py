"""The guard of Keras's fit takes lost epochs back, and changes nothing in a healthy run."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from losskit.doctor import GuardCallback  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own


def fit(rate: float, guard: GuardCallback | None, epochs: int = 12) -> keras.Model:
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(256, 4)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse")
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0, callbacks=[] if guard is None else [guard])
    return model


def test_a_healthy_run_is_bit_identical() -> None:
    guard = GuardCallback()
    for plain, watched in zip(fit(0.02, None).get_weights(), fit(0.02, guard).get_weights(), strict=True):
        assert np.array_equal(plain, watched)
    assert not guard.recording.events


def test_a_run_that_is_lost_without_it_is_saved() -> None:
    assert not all(np.isfinite(weight).all() for weight in fit(2.0, None).get_weights())
    guard = GuardCallback(factor=0.1)
    model = fit(2.0, guard)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert guard.recording.signal("loss").values[-1] < 1.0
    assert all(event.message.startswith("roll back") for event in guard.recording.events)
    assert float(model.optimizer.learning_rate) < 0.5
