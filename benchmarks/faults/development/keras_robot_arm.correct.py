# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import initializers, layers, ops


class Block(layers.Layer):
    """Dense + swish whose starting weights are given once for the whole network."""

    def __init__(self, units, init, **kw):
        super().__init__(**kw)
        self.dense = layers.Dense(units, kernel_initializer=init)

    def call(self, x):
        return ops.silu(self.dense(x))


def arm(n, seed):
    """Tip height and reach of a two-joint arm."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-np.pi, np.pi, n), rng.uniform(-np.pi, np.pi, n)
    joints = np.column_stack([np.sin(a), np.cos(a), np.sin(b), np.cos(b)])
    tip = np.column_stack([np.cos(a) + 0.7 * np.cos(a + b), np.sin(a) + 0.7 * np.sin(a + b)])
    return joints.astype("float32"), tip.astype("float32")


def make_model(seed):
    init = initializers.GlorotUniform(seed=seed)
    inputs = keras.Input((4,))
    x = Block(48, init)(inputs)
    x = Block(48, init)(x)
    return keras.Model(inputs, layers.Dense(2, kernel_initializer=init)(x))


keras.utils.set_random_seed(2)
x, y = arm(3000, 2)
xv, yv = arm(600, 3)
model = make_model(2)
model.compile("adam", "mse", metrics=[keras.metrics.R2Score(name="r2")])
log = model.fit(x, y, validation_data=(xv, yv), epochs=25, batch_size=32, verbose=0).history
for e in (0, 4, 9, 14, 19, 24):
    print(f"epoch {e + 1:2d} loss {log['loss'][e]:.4f} val_loss {log['val_loss'][e]:.4f} "
          f"val_r2 {log['val_r2'][e]:.3f}")
