# healthy
"""Mean and spread of rainfall with a Gaussian likelihood (the loss goes below zero)."""
import keras
import numpy as np
from keras import layers, ops
from sklearn.metrics import r2_score


def rainfall(n, rng):
    x = rng.uniform(-2, 2, size=(n, 3)).astype("float32")
    spread = 0.05 + 0.15 * (x[:, 1] + 2) / 4
    y = 0.25 * np.sin(2 * x[:, 0]) + 0.1 * x[:, 2] + spread * rng.normal(size=n)
    return x, y.astype("float32")[:, None]


def gaussian_nll(y_true, y_pred):
    mean, log_var = y_pred[:, :1], ops.clip(y_pred[:, 1:], -10.0, 5.0)
    return 0.5 * ops.mean(log_var + ops.square(y_true - mean) * ops.exp(-log_var), axis=-1)


keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
x_train, y_train = rainfall(2500, rng)
x_val, y_val = rainfall(600, rng)

inputs = keras.Input((3,))
h = layers.Dense(48, activation="tanh")(inputs)
h = layers.Dense(48, activation="tanh")(h)
outputs = layers.Dense(2)(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss=gaussian_nll)
hist = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=25, batch_size=64, verbose=0)
print("nll", np.round(hist.history["loss"][::4], 3))
print("val nll", np.round(hist.history["val_loss"][::4], 3))
mean = model.predict(x_val, verbose=0)[:, 0]
print("val R2 of the mean %.3f" % r2_score(y_val, mean))
