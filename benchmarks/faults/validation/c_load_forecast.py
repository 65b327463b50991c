# fault: LK405 line 13, 49
"""One-step-ahead forecast of hourly power load with an LSTM."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score

keras.utils.set_random_seed(17)
WINDOW = 24
EPOCHS = 2
BATCH_SIZE = 64


def series(n=2600):
    rng = np.random.default_rng(17)
    t = np.arange(n)
    daily = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(4 * np.pi * t / 24 + 0.7)
    weekly = 0.6 * np.sin(2 * np.pi * t / 168)
    return 500 + 90 * (daily + weekly) + rng.normal(0, 12, n)


def windows(v, width):
    x = np.lib.stride_tricks.sliding_window_view(v, width)[:-1]
    y = v[width:]
    return x[..., None].astype("float32"), y[:, None].astype("float32")


load = series()
n_train, n_val = 1800, 300
mean, std = load[:n_train].mean(), load[:n_train].std()
z = (load - mean) / std

x_train, y_train = windows(z[:n_train], WINDOW)
x_val, y_val = windows(z[n_train - WINDOW : n_train + n_val], WINDOW)
x_test, y_test = windows(z[n_train + n_val - WINDOW :], WINDOW)
print(x_train.shape, x_val.shape, x_test.shape)

inputs = keras.Input((WINDOW, 1))
h = layers.LSTM(24)(inputs)
outputs = layers.Dense(1)(h)
model = keras.Model(inputs, outputs, name="load_lstm")

model.compile(optimizer=keras.optimizers.Adam(1.5e-3), loss="mse", metrics=["mae"])
model.fit(
    x_train, y_train,
    epochs=EPOCHS,
    batch_size=BATCH_SIZE,
    validation_data=(x_val, y_val),
    verbose=2,
)

pred = model.predict(x_test, verbose=0)
print("test R2 %.3f" % r2_score(y_test, pred))
print("test MAE %.1f MW" % (np.abs(pred - y_test).mean() * std))
