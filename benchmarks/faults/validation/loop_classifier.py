# fault: LK509 line 33
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(23)


def batches(x, y, size, rng=None):
    idx = np.arange(len(x)) if rng is None else rng.permutation(len(x))
    for i in range(0, len(x), size):
        j = idx[i : i + size]
        yield x[j], y[j]


def make_net():
    inp = keras.Input((64,))
    h = layers.Dense(96, activation="relu")(inp)
    h = layers.Dropout(0.5)(h)
    h = layers.Dense(32, activation="relu")(h)
    h = layers.Dropout(0.5)(h)
    return keras.Model(inp, layers.Dense(10)(h))


def score(net, x, y):
    hits = 0
    for xb, yb in batches(x, y, 50):
        logits = net(xb, training=True)
        hits += int((ops.convert_to_numpy(logits).argmax(1) == yb).sum())
    return hits / len(x)


def train(net, data, epochs=21, batch_size=32):
    x_tr, x_te, y_tr, y_te = data
    rng = np.random.default_rng(23)
    for epoch in range(epochs):
        net.reset_metrics()
        for xb, yb in batches(x_tr, y_tr, batch_size, rng):
            loss = net.train_on_batch(xb, yb)
        if (epoch + 1) % 3 == 0:
            print(f"epoch {epoch + 1}: loss {float(loss):.4f}  test acc {score(net, x_te, y_te):.4f}")


if __name__ == "__main__":
    X, y = load_digits(return_X_y=True)
    X = (X / 16.0).astype("float32")
    data = train_test_split(X, y, test_size=0.25, random_state=23, stratify=y)
    net = make_net()
    net.compile(
        optimizer=keras.optimizers.Adam(2e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    train(net, data)
    print("final accuracy: %.4f" % score(net, data[1], data[3]))
