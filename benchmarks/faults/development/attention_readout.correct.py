# healthy
"""Read one flagged measurement out of a sequence with attention pooling."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers, ops
from sklearn.metrics import r2_score

STEPS, CHANNELS = 20, 5


def make_sequences(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, STEPS, CHANNELS)).astype("float32")
    x[:, :, -1] = 0.0
    where = rng.integers(0, STEPS, size=n)
    x[np.arange(n), where, -1] = 1.0
    picked = x[np.arange(n), where]
    y = picked[:, 0] - 0.5 * picked[:, 1] + 0.1 * rng.normal(size=n)
    return x, y.astype("float32")[:, None]


class AttentionPool(layers.Layer):
    """Weighted sum of the steps, weights from a small scoring network."""

    def __init__(self, units=16, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units, activation="tanh")
        self.score = layers.Dense(1)

    def call(self, seq):
        scores = self.score(self.hidden(seq))
        weights = ops.softmax(scores, axis=1)
        return ops.sum(weights * seq, axis=1)


def build_model(units):
    seq = keras.Input((STEPS, CHANNELS))
    pooled = AttentionPool(units)(seq)
    h = layers.Dense(32, activation="relu")(pooled)
    return keras.Model(seq, layers.Dense(1)(h))


keras.utils.set_random_seed(8)
x_train, y_train = make_sequences(2000, 1)
x_val, y_val = make_sequences(500, 2)

model = build_model(units=16)
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="mse")
h = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=10, batch_size=64, verbose=0)
print("train", [round(v, 3) for v in h.history["loss"]])
print("val  ", [round(v, 3) for v in h.history["val_loss"]])
print("val R2 %.3f" % r2_score(y_val, model.predict(x_val, verbose=0)))
