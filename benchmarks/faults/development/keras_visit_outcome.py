# fault: LK102 line 41
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.metrics import accuracy_score, confusion_matrix

OUTCOMES = ["leave", "browse", "basket", "buy", "return"]


def visits(n, seed):
    """(landing page, referrer, visitor features) -> how the visit ended."""
    rng = np.random.default_rng(seed)
    page, referrer = rng.integers(0, 20, n), rng.integers(0, 12, n)
    visitor = rng.normal(size=(n, 5)).astype("float32")
    taste = np.random.default_rng(99)
    z = taste.normal(0, 2.0, (20, 5))[page] + taste.normal(0, 1.5, (12, 5))[referrer]
    z = z + 2.0 * visitor @ taste.normal(0, 1.0, (5, 5)) + rng.gumbel(0, 0.4, (n, 5))
    return page, referrer, visitor, z.argmax(1)


def outcome_model():
    page = keras.Input((), dtype="int32", name="page")
    referrer = keras.Input((), dtype="int32", name="referrer")
    visitor = keras.Input((5,), name="visitor")
    merged = layers.Concatenate()([layers.Embedding(20, 8)(page), layers.Embedding(12, 6)(referrer),
                                   visitor])
    hidden = layers.Dense(64, activation="relu")(merged)
    hidden = layers.Dense(32, activation="relu")(hidden)
    return keras.Model([page, referrer, visitor], layers.Dense(len(OUTCOMES), name="outcome")(hidden))


keras.utils.set_random_seed(4)
*inputs, ended = visits(5000, 4)
*inputs_val, ended_val = visits(1500, 5)
model = outcome_model()
model.compile(optimizer=keras.optimizers.RMSprop(2e-3),
              loss=keras.losses.SparseCategoricalCrossentropy(),
              metrics=["accuracy"])
model.fit(inputs, ended, batch_size=64, epochs=10, verbose=2,
          validation_data=(inputs_val, ended_val))
guess = model.predict(inputs_val, verbose=0).argmax(1)
print(confusion_matrix(ended_val, guess))
print("validation accuracy", round(accuracy_score(ended_val, guess), 3))
