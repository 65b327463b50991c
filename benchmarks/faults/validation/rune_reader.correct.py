# healthy
import os
os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import keras
from keras import layers


class RuneData:
    """20 runes; each is a random 10x10 template, warped by shift and noise."""

    def __init__(self, n_runes=20, side=10, seed=44):
        self.rng = np.random.default_rng(seed)
        self.n_runes, self.side = n_runes, side
        self.templates = (self.rng.random((n_runes, side, side)) > 0.7).astype("float32")

    def batch(self, n):
        which = self.rng.integers(0, self.n_runes, n)
        img = self.templates[which].copy()
        for i in range(n):
            img[i] = np.roll(img[i], self.rng.integers(-1, 2), axis=1)
        img += self.rng.normal(scale=0.45, size=img.shape)
        return img.astype("float32"), which.astype("int32")


def build_model(side, n_runes):
    inputs = keras.Input(shape=(side, side))
    x = layers.Flatten()(inputs)
    x = layers.Dense(96, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(x)
    outputs = layers.Dense(n_runes, name="scores")(x)
    return keras.Model(inputs, outputs, name="rune_reader")


def main():
    keras.utils.set_random_seed(44)
    data = RuneData()
    x_train, y_train = data.batch(4000)
    x_test, y_test = data.batch(1000)

    model = build_model(data.side, data.n_runes)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, epochs=10, batch_size=64, validation_data=(x_test, y_test), verbose=2)

    scores = model.predict(x_test, verbose=0)
    acc = float((scores.argmax(axis=1) == y_test).mean())
    print("test accuracy:", round(acc, 3))
    per_rune = [float((scores[y_test == k].argmax(1) == k).mean()) for k in range(data.n_runes)]
    print("worst rune:", int(np.argmin(per_rune)), "at", round(min(per_rune), 3))
    print("test accuracy %.3f" % acc)


if __name__ == "__main__":
    main()
