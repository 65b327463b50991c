"""A tanh network in Keras, watched by the doctor: `losskit doctor examples/tanh_network.py` finds nothing to object.

Needs: pip install losskit[tensorflow]
"""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import losskit

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.uniform(-2, 2, (1024, 1)).astype("float32")
y = np.sin(2 * x) + rng.normal(0, 0.1, x.shape).astype("float32")
x_train, y_train, x_test, y_test = x[:768], y[:768], x[768:], y[768:]

model = keras.Sequential(
    [
        keras.Input((1,)),
        keras.layers.Dense(32, activation="tanh"),
        keras.layers.Dense(32, activation="tanh"),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=losskit.keras.wrap(losskit.MSE()))
model.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=30, batch_size=32, verbose=2)
error = model.evaluate(x_test, y_test, verbose=0)
print(f"test MSE {error:.4f}; the noise alone is 0.0100")
assert error < 0.02
