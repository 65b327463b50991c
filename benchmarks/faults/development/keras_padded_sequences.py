# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(18)
rng = np.random.default_rng(18)
N, T = 1500, 20
length = rng.integers(4, T + 1, N)
x = np.zeros((N, T, 3), "float32")
y = np.zeros((N, T, 1), "float32")
w = np.zeros((N, T), "float32")
for k in range(N):
    n = length[k]
    s = rng.normal(size=(n, 3))
    x[k, :n] = s
    level = np.zeros(n)
    for t in range(n):
        level[t] = 0.8 * (level[t - 1] if t else 0.0) + s[t, 0] - 0.5 * s[t, 1]
    y[k, :n, 0] = level > 0
    w[k, :n] = 1.0

model = keras.Sequential(
    [keras.Input((T, 3)), layers.Masking(0.0), layers.GRU(16, return_sequences=True), layers.Dense(1, activation="sigmoid")]
)
model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy", weighted_metrics=["accuracy"])
cut = 1200
model.fit(x[:cut], y[:cut], sample_weight=w[:cut], epochs=10, batch_size=64, verbose=2)
p = model.predict(x[cut:], verbose=0) > 0.5
ok = (p == y[cut:])[..., 0]
print("step accuracy %.3f" % ((ok * w[cut:]).sum() / w[cut:].sum()))
