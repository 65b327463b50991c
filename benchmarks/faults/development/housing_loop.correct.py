# healthy
"""Rent model with a hand-written epoch loop around train_on_batch."""
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

PARAMS = {
    "hidden": 48,
    "lr": 0.02,
    "momentum": 0.9,
    "batch_size": 64,
    "epochs": 22,
    "reduction": "sum_over_batch_size",
}


def r2(truth, pred):
    return 1.0 - np.mean((truth - pred) ** 2) / np.var(truth)


def batches(x, y, size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        take = order[start:start + size]
        yield x[take], y[take]


def build(n_in, p):
    net = keras.Sequential([
        keras.Input((n_in,)),
        layers.Dense(p["hidden"], activation="tanh"),
        layers.Dense(p["hidden"], activation="tanh"),
        layers.Dense(1),
    ])
    net.compile(
        optimizer=keras.optimizers.SGD(p["lr"], momentum=p["momentum"]),
        loss=keras.losses.MeanSquaredError(reduction=p["reduction"]),
    )
    return net


keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)
X, rent = make_friedman1(n_samples=1600, n_features=8, noise=0.5, random_state=9)
x_tr, x_te, r_tr, r_te = train_test_split(X, rent[:, None], test_size=0.25, random_state=9)
xs, ys = StandardScaler().fit(x_tr), StandardScaler().fit(r_tr)
x_tr, x_te, y_tr = xs.transform(x_tr), xs.transform(x_te), ys.transform(r_tr)

net = build(x_tr.shape[1], PARAMS)
for epoch in range(PARAMS["epochs"]):
    losses = [float(net.train_on_batch(bx, by)) for bx, by in batches(x_tr, y_tr, PARAMS["batch_size"], rng)]
    if epoch % 3 == 0:
        score = r2(r_te, net.predict_on_batch(x_te) * ys.scale_ + ys.mean_)
        print(f"epoch {epoch:2d}  loss {np.mean(losses):10.4f}  test R2 {score:.3f}")
pred = net.predict_on_batch(x_te) * ys.scale_ + ys.mean_
print("final test R2 %.3f" % r2(r_te, pred))
