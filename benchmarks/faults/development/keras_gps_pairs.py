# fault: LK202 line 20
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(13)
MARGIN = 1.0


class EuclideanDistance(layers.Layer):
    def call(self, inputs):
        a, b = inputs
        s = keras.ops.sum(keras.ops.square(a - b), axis=1, keepdims=True)
        return keras.ops.sqrt(s)


def contrastive_loss(y_true, y_pred):
    y_true = keras.ops.cast(y_true, y_pred.dtype)
    near = y_pred
    far = keras.ops.maximum(MARGIN - y_pred, 0.0)
    return keras.ops.mean(y_true * near + (1.0 - y_true) * far)


def make_pairs(x, y, n, rng):
    i = rng.integers(0, len(x), n)
    j = rng.integers(0, len(x), n)
    half = n // 2
    for k in range(half):
        same = np.flatnonzero(y == y[i[k]])
        j[k] = rng.choice(same)
    return x[i], x[j], (y[i] == y[j]).astype("float32")


X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype("float32")
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)
rng = np.random.default_rng(0)
a_tr, b_tr, s_tr = make_pairs(X_tr, y_tr, 6000, rng)
a_te, b_te, s_te = make_pairs(X_te, y_te, 1500, rng)

encoder = keras.Sequential([layers.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(16)])
left, right = layers.Input((64,)), layers.Input((64,))
distance = EuclideanDistance()([encoder(left), encoder(right)])
siamese = keras.Model([left, right], distance)
siamese.compile(optimizer=keras.optimizers.Adam(1e-3), loss=contrastive_loss)
siamese.fit([a_tr, b_tr], s_tr, epochs=15, batch_size=64, validation_data=([a_te, b_te], s_te), verbose=2)

dist = siamese.predict([a_te, b_te], verbose=0).ravel()
print("pair accuracy:", np.mean((dist < MARGIN / 2) == (s_te == 1)))
