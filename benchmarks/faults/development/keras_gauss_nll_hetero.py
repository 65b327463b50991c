# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(12)
rng = np.random.default_rng(12)
x = rng.uniform(-1, 1, (3000, 2)).astype("float32")
mean = 0.3 * np.sin(3 * x[:, 0]) + 0.1 * x[:, 1]
sigma = 0.02 + 0.18 * (x[:, 1] > 0)
y = (mean + sigma * rng.normal(size=3000)).astype("float32")[:, None]


def nll(y_true, out):
    mu, log_var = out[:, :1], out[:, 1:]
    return ops.mean(0.5 * (log_var + ops.square(y_true - mu) * ops.exp(-log_var)), axis=-1)


inp = keras.Input((2,))
h = layers.Dense(32, activation="tanh")(inp)
h = layers.Dense(32, activation="tanh")(h)
model = keras.Model(inp, layers.Concatenate()([layers.Dense(1)(h), layers.Dense(1)(h)]))
model.compile(keras.optimizers.Adam(3e-3, clipnorm=5.0), loss=nll)
model.fit(x[:2400], y[:2400], epochs=35, batch_size=64, validation_data=(x[2400:], y[2400:]), verbose=2)
o = model.predict(x[2400:], verbose=0)
inside = np.abs(y[2400:, 0] - o[:, 0]) < 1.96 * np.exp(0.5 * o[:, 1])
print("R2 %.3f, 95%% interval covers %.3f" % (1 - np.mean((y[2400:, 0] - o[:, 0]) ** 2) / np.var(y[2400:]), inside.mean()))
