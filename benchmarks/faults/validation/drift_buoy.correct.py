# healthy
"""Buoy drift (east/west and north/south, km per day, standardised) from wind and current. Keras on torch."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers, ops


class DriftNet(keras.Model):
    def __init__(self, units=40, **kw):
        super().__init__(**kw)
        self.h1 = layers.Dense(units, activation="relu")
        self.h2 = layers.Dense(units, activation="relu")
        self.vector = layers.Dense(2)

    def call(self, inputs):
        return self.vector(self.h2(self.h1(inputs)))


class EpochPrinter(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % 5 == 0:
            print(f"epoch {epoch + 1:3d}: " + ", ".join(f"{k}={v:.4f}" for k, v in logs.items()))


def simulate(n, rng):
    wind_speed = rng.gamma(4, 2.0, n)
    wind_dir = rng.uniform(0, 2 * np.pi, n)
    current = rng.normal(0, 0.5, (n, 2))
    mass = rng.uniform(20, 60, n)
    leeway = 0.06 * wind_speed * (40 / mass)
    east = leeway * np.cos(wind_dir) + 0.8 * current[:, 0]
    north = leeway * np.sin(wind_dir) + 0.8 * current[:, 1]
    x = np.stack([wind_speed * np.cos(wind_dir), wind_speed * np.sin(wind_dir),
                  current[:, 0], current[:, 1], mass], axis=1)
    y = np.stack([east, north], axis=1) + rng.normal(0, 0.05, (n, 2))
    return x, y


def r_squared(truth, guess):
    return 1 - ((truth - guess) ** 2).sum(0) / ((truth - truth.mean(0)) ** 2).sum(0)


rng = np.random.default_rng(77)
keras.utils.set_random_seed(77)
x, y = simulate(2200, rng)
n_fit = 1700
x = (x - x[:n_fit].mean(0)) / x[:n_fit].std(0)
y = (y - y[:n_fit].mean(0)) / y[:n_fit].std(0)
x, y = x.astype("float32"), y.astype("float32")

net = DriftNet()
net.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mean_squared_error")
net.fit(x[:n_fit], y[:n_fit], validation_data=(x[n_fit:], y[n_fit:]), epochs=20, batch_size=50,
        verbose=0, callbacks=[EpochPrinter()])

guess = ops.convert_to_numpy(net(x[n_fit:]))
score = r_squared(y[n_fit:], guess)
print("R2 east %.3f north %.3f mean %.3f" % (score[0], score[1], score.mean()))
