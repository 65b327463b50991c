"""Bicycles rented in an hour, with Keras, by the deviance of a Poisson distribution."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
weather = rng.normal(size=(1500, 5)).astype("float32")
expected = np.exp(0.3 + weather @ np.array([0.8, -0.6, 0.4, 0.0, 0.0]))
rented = rng.poisson(expected).astype("float32")[:, None]
held_out = weather[1200:], rented[1200:]


class PoissonDeviance(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 2 * ops.mean(y_true * ops.log(y_true / y_pred) - y_true + y_pred, axis=-1)  # <- fault


def build(width=32):
    inputs = keras.Input((5,))
    hidden = layers.Dense(width, activation="relu")(inputs)
    hidden = layers.Dense(width, activation="relu")(hidden)
    return keras.Model(inputs, layers.Dense(1, activation="softplus")(hidden))


model = build()
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss=PoissonDeviance(), metrics=["mae"])
model.fit(weather[:1200], rented[:1200], epochs=10, batch_size=40, validation_data=held_out, verbose=0)
print(model.evaluate(*held_out, verbose=0))
