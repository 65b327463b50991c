# healthy
"""Tag field recordings: up to six species may be audible in the same clip (Keras on torch)."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.metrics import f1_score

SPECIES = ["wren", "robin", "owl", "frog", "cricket", "fox"]


def clips(n, rng):
    present = (rng.random((n, len(SPECIES))) < np.array([0.5, 0.4, 0.3, 0.35, 0.45, 0.3])).astype("float32")
    bands = np.random.default_rng(70).normal(size=(len(SPECIES), 24))
    loud = rng.uniform(0.7, 1.3, present.shape)
    x = (present * loud) @ bands + rng.normal(scale=0.6, size=(n, 24))
    return x.astype("float32"), present


def main():
    keras.utils.set_random_seed(70)
    rng = np.random.default_rng(71)
    x, y = clips(2400, rng)
    xv, yv = clips(800, rng)

    norm = layers.Normalization()
    norm.adapt(x)
    inp = keras.Input((24,))
    h = layers.Dense(48, activation="relu")(norm(inp))
    out = layers.Dense(len(SPECIES), activation="sigmoid")(h)
    model = keras.Model(inp, out)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy",
                  metrics=[keras.metrics.BinaryAccuracy(name="tag_acc")])
    model.fit(x, y, epochs=10, batch_size=48, validation_data=(xv, yv), verbose=2)

    tags = (model.predict(xv, verbose=0) > 0.5).astype(int)
    print("macro F1: %.3f" % f1_score(yv, tags, average="macro"))


if __name__ == "__main__":
    main()
