# fault: LK110 line 11
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers, ops


def cosine_distance(y_true, y_pred):
    return 1.0 - keras.losses.cosine_similarity(y_true, y_pred)


def sensor_batch(n, rng):
    """Readings of 20 directional sensors and the 3-d direction of the source."""
    d = rng.normal(size=(n, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    axes = np.random.RandomState(0).normal(size=(3, 20))
    axes /= np.linalg.norm(axes, axis=0)
    gain = np.maximum(d @ axes, 0) ** 1.5 + 0.05 * rng.normal(size=(n, 20))
    return gain.astype("float32"), d.astype("float32")


keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)
x_train, d_train = sensor_batch(3000, rng)
x_val, d_val = sensor_batch(600, rng)
mu, sd = x_train.mean(0), x_train.std(0)
x_train, x_val = (x_train - mu) / sd, (x_val - mu) / sd

inp = keras.Input((20,))
z = layers.Dense(48, activation="relu")(inp)
z = layers.Dense(48, activation="relu")(z)
out = layers.UnitNormalization()(layers.Dense(3)(z))
net = keras.Model(inp, out)
net.compile(optimizer=keras.optimizers.Adam(1e-3), loss=cosine_distance)
net.fit(x_train, d_train, epochs=20, batch_size=64, validation_data=(x_val, d_val), verbose=2)

cos = np.sum(net.predict(x_val, verbose=0) * d_val, axis=1)
print("median angle error: %.1f deg" % np.degrees(np.arccos(np.clip(np.median(cos), -1, 1))))
print("mean cosine: %.3f" % cos.mean())
