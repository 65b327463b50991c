# fault: LK507 line 28, 32
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(10)


def read_log(n=1800, seed=10):
    """Three sensors, one row per minute."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    temp = 20 + 5 * np.sin(t / 40) + rng.normal(0, 0.4, n)
    hum = 55 - 8 * np.sin(t / 40 + 0.5) + rng.normal(0, 1.0, n)
    load = 3 + np.cos(t / 25) + rng.normal(0, 0.1, n)
    hum[rng.choice(n, 18, replace=False)] = np.nan
    return np.stack([temp, hum, load], axis=1)


def windows(a, target, length=12):
    idx = np.arange(len(a) - length)
    return np.stack([a[i : i + length] for i in idx]), target[idx + length]


log = read_log()
n_train = 1400
mean = np.nanmean(log[:n_train], axis=0)
std = np.nanstd(log[:n_train], axis=0)
scaled = ((log - mean) / std).astype("float32")
X, y = windows(scaled, scaled[:, 0])
X_train, y_train, X_test, y_test = X[:n_train], y[:n_train], X[n_train:], y[n_train:]

model = keras.Sequential([keras.Input(X.shape[1:]), layers.GRU(16), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse")
model.fit(X_train, y_train, epochs=15, batch_size=32, validation_data=(X_test, y_test), verbose=2)
p = model.predict(X_test, verbose=0)[:, 0]
print("forecast R2:", round(float(1 - np.mean((y_test - p) ** 2) / np.var(y_test)), 3))
