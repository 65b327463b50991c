# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(6)
rng = np.random.default_rng(6)
n = 1600
x = rng.uniform(-2, 2, (n, 2)).astype("float32")
sigma = 0.02 + 0.25 * (x[:, 1] > 0)
y = (0.4 * np.sin(2 * x[:, 0]) + 0.1 * x[:, 1] + rng.normal(0, 1, n) * sigma).astype("float32")
y = y[:, None]


def gaussian_nll(y_true, out):
    mu, raw = out[:, :1], out[:, 1:]
    log_s = ops.clip(raw, -6.0, 4.0)
    return ops.mean(log_s + 0.5 * ops.square((y_true - mu) * ops.exp(-log_s)), axis=-1)


inp = keras.Input((2,))
h = layers.Dense(48, activation="tanh")(inp)
h = layers.Dense(48, activation="tanh")(h)
model = keras.Model(inp, layers.Dense(2)(h))
model.compile(optimizer=keras.optimizers.Adam(4e-3), loss=gaussian_nll)
hist = model.fit(x[:1200], y[:1200], validation_data=(x[1200:], y[1200:]),
                 epochs=50, batch_size=48, verbose=0)
print("nll", [round(v, 3) for v in hist.history["loss"][::7]])
print("val nll", round(hist.history["val_loss"][-1], 3))
mu = model.predict(x[1200:], verbose=0)[:, :1]
t = y[1200:]
print("val R2", round(float(1 - ((mu - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()), 3))
