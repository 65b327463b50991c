# fault: LK203 line 22
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers, ops

keras.mixed_precision.set_global_policy("mixed_float16")
keras.utils.set_random_seed(34)


class MaskedAttentionPool(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.score = layers.Dense(1)
        self.value = layers.Dense(units, activation="tanh")

    def call(self, x, valid):
        s = self.score(x)[..., 0]
        valid = ops.cast(valid, s.dtype)
        s = s + (1.0 - valid) * -1e9
        w = ops.softmax(s, axis=-1)
        return ops.sum(w[..., None] * self.value(x), axis=1)


def clips(n, rng, steps=18, classes=3):
    y = rng.integers(0, classes, n)
    length = rng.integers(5, steps + 1, n)
    valid = np.arange(steps)[None, :] < length[:, None]
    x = rng.normal(size=(n, steps, 5)).astype("float32")
    at = (rng.random(n) * length).astype(int)
    x[np.arange(n), at, 4] += 4.0
    x[np.arange(n), at, :3] += 2.5 * np.eye(classes)[y]
    return (x * valid[..., None]).astype("float32"), valid.astype("float32"), y


rng = np.random.default_rng(34)
x_tr, m_tr, y_tr = clips(1600, rng)
x_te, m_te, y_te = clips(500, rng)

seq, mask = keras.Input((18, 5)), keras.Input((18,))
h = layers.Dense(32, activation="tanh")(seq)
h = MaskedAttentionPool(32)(h, mask)
out = layers.Dense(3, activation="softmax", dtype="float32")(h)
model = keras.Model([seq, mask], out)
model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit([x_tr, m_tr], y_tr, epochs=12, batch_size=64, validation_data=([x_te, m_te], y_te), verbose=2)
print("clip accuracy %.3f" % model.evaluate([x_te, m_te], y_te, verbose=0)[1])
