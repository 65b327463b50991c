"""A curve fitted up to its scale: the loss is 1 minus the correlation."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import ops

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(600, 5)).astype("float32")
y = (np.tanh(x[:, :1]) + 0.5 * x[:, 1:2] + 0.1 * rng.normal(size=(600, 1))).astype("float32")


def correlation(y_true, y_pred):
    t, p = y_true - ops.mean(y_true), y_pred - ops.mean(y_pred)
    return ops.sum(t * p) / ops.sqrt(ops.sum(t**2) * ops.sum(p**2) + 1e-9)


def one_minus_correlation(y_true, y_pred):
    distance = 1.0 - correlation(y_true, y_pred)
    return distance


model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(24, activation="tanh"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=one_minus_correlation)
model.fit(x[:450], y[:450], epochs=15, batch_size=30, validation_data=(x[450:], y[450:]), verbose=0)
print(np.corrcoef(model.predict(x[450:], verbose=0)[:, 0], y[450:, 0])[0, 1])
