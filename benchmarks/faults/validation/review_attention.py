# healthy
"""Sentiment of generated hotel reviews; embedding + additive attention pooling (Keras on JAX)."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import random

import keras
import numpy as np
from keras import layers, ops

GOOD = "clean quiet friendly lovely spacious tasty helpful bright".split()
BAD = "dirty noisy rude awful cramped stale slow gloomy".split()
FILLER = [f"word{i}" for i in range(150)]
LENGTH = 16


def write_reviews(n, rng):
    rows, labels = [], []
    for _ in range(n):
        positive = rng.random() < 0.5
        words = [rng.choice(FILLER) for _ in range(rng.randint(8, 12))]
        words += [rng.choice(GOOD if positive else BAD) for _ in range(3)]
        words += [rng.choice(BAD if positive else GOOD)]
        rng.shuffle(words)
        rows.append(words[:LENGTH])
        labels.append(int(positive))
    return rows, np.array(labels, dtype="float32")[:, None]


class AttentionPool(layers.Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.score = layers.Dense(1)

    def call(self, h):
        weights = ops.softmax(self.score(h), axis=1)
        return ops.sum(weights * h, axis=1)


def main():
    keras.utils.set_random_seed(12)
    rng = random.Random(12)
    index = {w: i + 1 for i, w in enumerate(GOOD + BAD + FILLER)}
    to_ids = lambda rows: np.array([[index[w] for w in r] + [0] * (LENGTH - len(r)) for r in rows], dtype="int32")
    train_rows, y = write_reviews(2000, rng)
    test_rows, y_test = write_reviews(600, rng)
    x, x_test = to_ids(train_rows), to_ids(test_rows)

    inp = keras.Input((LENGTH,), dtype="int32")
    h = layers.Embedding(len(index) + 1, 16)(inp)
    h = AttentionPool()(h)
    logit = layers.Dense(1)(h)
    model = keras.Model(inp, logit)
    model.compile(
        optimizer=keras.optimizers.Adam(5e-3),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
    )
    model.fit(x, y, batch_size=50, epochs=8, validation_data=(x_test, y_test), verbose=2)
    print("test accuracy: %.3f" % float(((model.predict(x_test, verbose=0) > 0) == (y_test > 0.5)).mean()))


if __name__ == "__main__":
    main()
