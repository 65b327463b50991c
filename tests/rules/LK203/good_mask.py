import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers, ops

keras.config.set_dtype_policy("mixed_float16")
keras.utils.set_random_seed(0)


class Attention(layers.Layer):
    def __init__(self):
        super().__init__()
        self.score, self.value = layers.Dense(1), layers.Dense(16, activation="tanh")

    def call(self, x, valid):
        score = self.score(x)[..., 0]
        valid = ops.cast(valid, score.dtype)
        score = score * valid + (1 - valid) * -1e4
        return ops.sum(ops.softmax(score)[..., None] * self.value(x), axis=1)


rng = np.random.default_rng(0)
y = rng.integers(0, 2, 640)
x = (rng.normal(size=(640, 8, 4)) + 1.5 * y[:, None, None]).astype("float32")
valid = (np.arange(8) < rng.integers(3, 8, (640, 1))).astype("float32")
inputs, mask = keras.Input((8, 4)), keras.Input((8,))
output = layers.Dense(2, activation="softmax", dtype="float32")(Attention()(inputs, mask))
model = keras.Model([inputs, mask], output)
model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit([x, valid], y, epochs=6, batch_size=64, verbose=0)
print(model.evaluate([x, valid], y, verbose=0))
