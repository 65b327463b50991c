# healthy
"""Grade apples 0-4 with ordered thresholds: output k answers "is the grade above k?"."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(12)
GRADES = 5


def orchard(n, rng):
    x = rng.normal(size=(n, 9))
    quality = x[:, 0] + 0.8 * x[:, 1] * np.tanh(x[:, 2]) - 0.6 * np.abs(x[:, 3]) + 0.25 * rng.normal(size=n)
    grade = np.digitize(quality, np.quantile(quality, [0.2, 0.4, 0.6, 0.8]))
    return x.astype("float32"), grade


class SharedSlope(keras.layers.Layer):
    """One score per apple, compared with GRADES - 1 thresholds."""

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], 1), initializer="glorot_uniform", name="w")
        self.cuts = self.add_weight(shape=(GRADES - 1,), name="cuts",
                                    initializer=keras.initializers.Zeros())

    def call(self, h):
        return keras.ops.matmul(h, self.w) + self.cuts


def above(grade):
    return (grade[:, None] > np.arange(GRADES - 1)).astype("float32")


x, grade = orchard(2600, np.random.default_rng(12))
x_tr, x_te, g_tr, g_te = train_test_split(x, grade, test_size=600, random_state=0)
net = keras.Sequential([
    keras.Input((9,)),
    keras.layers.Dense(48, activation="gelu"),
    keras.layers.Dense(32, activation="gelu"),
    SharedSlope(),
])
net.compile(optimizer=keras.optimizers.AdamW(6e-3, weight_decay=1e-4),
            loss=keras.losses.BinaryCrossentropy(from_logits=True))
for block in range(5):
    loss = net.fit(x_tr, above(g_tr), batch_size=50, epochs=6, verbose=0).history["loss"][-1]
    guess = (net.predict(x_te, verbose=0) > 0).sum(1)
    print(f"after {6 * (block + 1)} epochs: loss {loss:.3f}  "
          f"exact {np.mean(guess == g_te):.3f}  within one {np.mean(np.abs(guess - g_te) <= 1):.3f}")
