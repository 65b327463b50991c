# fault: LK305 line 28
"""Sentiment from token ids: embedding, mean pooling, small classifier."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

VOCAB = 600
LENGTH = 24
EMBED_DIM = 6


def synthetic_reviews(n, rng):
    polarity = np.random.default_rng(99).permutation(VOCAB) % 3 - 1  # -1, 0, +1 per word
    p_pos = np.where(polarity > 0, 1.35, np.where(polarity < 0, 0.75, 1.0))
    p_neg = np.where(polarity < 0, 1.35, np.where(polarity > 0, 0.75, 1.0))
    y = rng.integers(0, 2, n)
    x = np.empty((n, LENGTH), dtype="int32")
    for cls, p in ((1, p_pos), (0, p_neg)):
        idx = np.flatnonzero(y == cls)
        x[idx] = rng.choice(VOCAB, size=(len(idx), LENGTH), p=p / p.sum())
    return x, y.astype("float32")


def build_model(vocab, dim, hidden=16, train_embeddings=False):
    return keras.Sequential([
        keras.Input((LENGTH,), dtype="int32"),
        layers.Embedding(vocab, dim, trainable=train_embeddings),
        layers.GlobalAveragePooling1D(),
        layers.Dense(hidden, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])


if __name__ == "__main__":
    keras.utils.set_random_seed(17)
    rng = np.random.default_rng(17)
    x_train, y_train = synthetic_reviews(8000, rng)
    x_val, y_val = synthetic_reviews(1000, rng)
    model = build_model(VOCAB, EMBED_DIM)
    model.summary()
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy"])
    hist = model.fit(x_train, y_train, epochs=4, batch_size=64,
                     validation_data=(x_val, y_val), verbose=0)
    for k, v in hist.history.items():
        print(k, np.round(v, 3))
    print("val accuracy %.3f" % model.evaluate(x_val, y_val, verbose=0)[1])
