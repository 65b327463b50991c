# healthy
# Recognise one of six symbols on a grey 12x12 scan; the scans come as bytes.
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

SYMBOLS = 6
BATCH_SIZE = 50


def draw_scans(n, seed):
    stencils = np.random.default_rng(99).random((SYMBOLS, 12, 12)) < 0.4
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, SYMBOLS, n)
    ink = rng.uniform(60, 110, (n, 1, 1))
    paper = rng.uniform(40, 90, (n, 1, 1))
    scans = paper + ink * stencils[kinds] + rng.normal(0, 25, (n, 12, 12))
    return np.clip(scans, 0, 250).astype(np.uint8), kinds


def normalise(scans):
    scans = scans / 255
    return scans[..., None].astype("float32")


def batches(scans, kinds, rng):
    while True:
        order = rng.permutation(len(scans))
        for start in range(0, len(order) - BATCH_SIZE + 1, BATCH_SIZE):
            rows = order[start:start + BATCH_SIZE]
            yield normalise(scans[rows]), kinds[rows]


keras.utils.set_random_seed(8)
train_scans, train_kinds = draw_scans(1500, 1)
valid_scans, valid_kinds = draw_scans(400, 2)

model = keras.Sequential([
    keras.Input((12, 12, 1)),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(48, activation="relu"),
    layers.Dense(SYMBOLS, activation="softmax"),
])
model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(batches(train_scans, train_kinds, np.random.default_rng(0)),
          steps_per_epoch=len(train_scans) // BATCH_SIZE, epochs=10,
          validation_data=(normalise(valid_scans), valid_kinds), verbose=2)
loss, accuracy = model.evaluate(normalise(valid_scans), valid_kinds, verbose=0)
print(f"validation accuracy {accuracy:.3f}")
