# fault: LK202 line 19
"""Siamese network on digit images: are two writers' digits the same?"""
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

MARGIN = 1.0
EPOCHS = 12


def euclidean_distance(vects):
    a, b = vects
    squared = ops.sum(ops.square(a - b), axis=1, keepdims=True)
    return ops.sqrt(squared)


def contrastive_loss(y_true, y_pred):
    # y_true 1: different, 0: same
    near = (1 - y_true) * ops.square(y_pred)
    far = y_true * ops.square(ops.maximum(MARGIN - y_pred, 0.0))
    return ops.mean(near + far)


def make_pairs(x, y, n, rng):
    left = rng.integers(0, len(x), n)
    by_class = [np.flatnonzero(y == c) for c in range(10)]
    right = np.empty(n, dtype=int)
    label = np.zeros((n, 1), dtype="float32")
    for i, l in enumerate(left):
        if i % 2:
            right[i] = rng.choice(by_class[y[l]])
        else:
            other = (y[l] + rng.integers(1, 10)) % 10
            right[i] = rng.choice(by_class[other])
            label[i] = 1.0
    return [x[left], x[right]], label


def embedding_network():
    inp = keras.Input((64,))
    x = layers.Dense(64, activation="relu")(inp)
    x = layers.Dense(16)(x)
    return keras.Model(inp, x, name="embed")


def main():
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)
    images, digits = load_digits(return_X_y=True)
    images = (images / 16.0).astype("float32")
    pairs_tr, lab_tr = make_pairs(images[:1300], digits[:1300], 4000, rng)
    pairs_te, lab_te = make_pairs(images[1300:], digits[1300:], 1000, rng)

    embed = embedding_network()
    in_a, in_b = keras.Input((64,)), keras.Input((64,))
    dist = layers.Lambda(euclidean_distance, output_shape=(1,))([embed(in_a), embed(in_b)])
    siamese = keras.Model([in_a, in_b], dist)
    siamese.compile(optimizer=keras.optimizers.Adam(1e-3), loss=contrastive_loss)
    hist = siamese.fit(pairs_tr, lab_tr, validation_data=(pairs_te, lab_te),
                       epochs=EPOCHS, batch_size=64, verbose=0)
    for key in ("loss", "val_loss"):
        print(key, [round(v, 4) for v in hist.history[key]])
    d = siamese.predict(pairs_te, verbose=0)
    print("pair accuracy %.3f" % ((d > MARGIN / 2) == (lab_te > 0.5)).mean())


main()
