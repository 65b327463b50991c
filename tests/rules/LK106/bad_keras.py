"""A measured curve, in a training step that writes the squared error itself: predictions (N, 1), targets (N,)."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

keras.utils.set_random_seed(0)

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 4)).astype("float32")
y = (x @ np.array([1.0, -0.7, 0.5, 0.2]) + 0.1 * rng.normal(size=400)).astype("float32")


class Regression(keras.Model):
    def train_step(self, data):
        x, y = data
        self.zero_grad()
        error = keras.ops.square(y - self(x, training=True))  # <- fault
        loss = keras.ops.mean(error)
        loss.backward()
        weights = self.trainable_weights
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        return {"loss": loss}


inputs = keras.Input((4,))
hidden = keras.layers.Dense(16, activation="relu")(inputs)
model = Regression(inputs, keras.layers.Dense(1)(hidden))
model.compile(optimizer=keras.optimizers.Adam(0.01))
model.fit(x, y, epochs=15, batch_size=40, verbose=0)
