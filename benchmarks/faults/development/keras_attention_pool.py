# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(22)
rng = np.random.default_rng(22)
N, T, C = 2400, 15, 4
y = rng.integers(0, C, N)
x = rng.normal(size=(N, T, 6)).astype("float32")
where = rng.integers(0, T, N)
x[np.arange(N), where, 5] += 4.0
x[np.arange(N), where, :4] += 2.5 * np.eye(C)[y]

inp = keras.Input((T, 6))
h = layers.Dense(24, activation="tanh")(inp)
score = layers.Dense(1)(h)
weight = layers.Softmax(axis=1)(score)
pooled = layers.Lambda(lambda t: ops.sum(t[0] * t[1], axis=1), output_shape=(24,))([h, weight])
probs = layers.Softmax()(layers.Dense(C)(pooled))
model = keras.Model(inp, probs)
model.compile(keras.optimizers.Adam(5e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False), metrics=["accuracy"])
cut = 1900
model.fit(x[:cut], y[:cut], epochs=15, batch_size=64, validation_data=(x[cut:], y[cut:]), verbose=2)
print("accuracy %.3f" % model.evaluate(x[cut:], y[cut:], verbose=0)[1])
