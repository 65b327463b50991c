# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(7)


def make_sequences(n, steps=16, feats=4, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, steps, feats)).astype("float32")
    drift = x[:, :, 0].mean(axis=1) - 0.7 * x[:, -4:, 1].mean(axis=1)
    y = (drift > 0).astype("float32")
    return x, y


x_train, y_train = make_sequences(3000, seed=1)
x_test, y_test = make_sequences(400, seed=2)
print("positives in train:", y_train.mean())

model = keras.Sequential()
model.add(keras.Input(shape=x_train.shape[1:]))
model.add(layers.LSTM(16))
model.add(layers.Dense(1, activation="sigmoid"))

model.compile(
    loss="binary_crossentropy",
    optimizer=keras.optimizers.Adam(5e-3),
    metrics=["accuracy"],
)
model.fit(
    x_train,
    y_train,
    batch_size=64,
    epochs=12,
    validation_data=(x_test, y_test),
    verbose=2,
)
loss, acc = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy: {acc:.3f}")
