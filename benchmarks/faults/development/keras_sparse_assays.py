# fault: LK108 line 17
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import ops

keras.utils.set_random_seed(1)
MISSING = -100.0


def masked_mse(y_true, y_pred):
    mask = ops.cast(ops.not_equal(y_true, MISSING), "float32")
    err = ops.square(y_true - y_pred) * mask
    per_task = ops.sum(err, axis=0)
    return ops.mean(per_task / ops.sum(mask, axis=0))


rng = np.random.default_rng(0)
n, d, tasks = 1600, 12, 4
X = rng.normal(size=(n, d)).astype("float32")
W = rng.normal(size=(d, tasks)) / np.sqrt(d)
Y = (np.tanh(X @ W) * 1.5 + 0.1 * rng.normal(size=(n, tasks))).astype("float32")
full = Y.copy()
coverage = np.array([0.9, 0.7, 0.4, 0.08])
Y[rng.random((n, tasks)) > coverage] = MISSING

cut = 1280
model = keras.Sequential(
    [
        keras.layers.Input((d,)),
        keras.layers.Dense(64, activation="tanh"),
        keras.layers.Dense(64, activation="tanh"),
        keras.layers.Dense(tasks),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss=masked_mse)
hist = model.fit(X[:cut], Y[:cut], batch_size=32, epochs=25, verbose=0)
print("train loss per epoch:", np.round(hist.history["loss"], 4))

pred = model.predict(X[cut:], verbose=0)
truth = full[cut:]
r2 = 1 - ((truth - pred) ** 2).sum(0) / ((truth - truth.mean(0)) ** 2).sum(0)
print("R2 per assay", np.round(r2, 3), "mean %.3f" % r2.mean())
