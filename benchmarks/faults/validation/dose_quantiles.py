# healthy
"""Three quantiles (10/50/90) of a dose response, with a penalty against crossing."""
import os
os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(33)
rng = np.random.default_rng(33)
TAUS = np.array([0.1, 0.5, 0.9], dtype="float32")


def quantile_loss(crossing_weight=5.0, spread_weight=0.01):
    taus = ops.convert_to_tensor(TAUS)

    def loss(y_true, y_pred):
        err = y_true - y_pred
        pinball = ops.mean(ops.maximum(taus * err, (taus - 1.0) * err))
        gaps = y_pred[:, 1:] - y_pred[:, :-1]
        crossing = ops.mean(ops.relu(-gaps))
        bonus = -spread_weight * ops.mean(ops.log1p(ops.relu(gaps)))
        return pinball + crossing_weight * crossing + bonus

    return loss


def data(n):
    dose = rng.uniform(0, 10, (n, 1))
    weight = rng.normal(75, 12, (n, 1))
    mean = 4 * dose / (2 + dose) - 0.03 * (weight - 75)
    y = mean + rng.normal(size=(n, 1)) * (0.15 + 0.06 * dose)
    return np.hstack([dose / 10, (weight - 75) / 12]).astype("float32"), (y - 2.4).astype("float32")


x_train, y_train = data(2500)
x_test, y_test = data(1000)

inp = keras.Input((2,))
h = layers.Dense(32, activation="gelu")(inp)
h = layers.Dense(32, activation="gelu")(h)
model = keras.Model(inp, layers.Dense(3)(h))
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss=quantile_loss())
model.fit(x_train, np.repeat(y_train, 3, axis=1), epochs=20, batch_size=64,
          validation_data=(x_test, np.repeat(y_test, 3, axis=1)), verbose=2)

q = model.predict(x_test, verbose=0)
for i, t in enumerate(TAUS):
    print("tau %.1f: empirical coverage %.3f" % (t, (y_test[:, 0] <= q[:, i]).mean()))
print("crossings:", int((np.diff(q, axis=1) < 0).sum()))
