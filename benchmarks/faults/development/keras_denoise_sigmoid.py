# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(5)
x = (load_digits().data / 16.0).astype("float32")
np.random.shuffle(x)
noisy = np.clip(x + np.random.normal(0, 0.25, x.shape), 0, 1).astype("float32")
train, test = slice(0, 1400), slice(1400, None)

inp = layers.Input((64,))
code = layers.Dense(48, activation="relu")(inp)
code = layers.Dense(20, activation="relu", name="code")(code)
out = layers.Dense(48, activation="relu")(code)
out = layers.Dense(64, activation="sigmoid")(out)
ae = keras.Model(inp, out)
ae.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy")
ae.fit(noisy[train], x[train], epochs=40, batch_size=64, validation_data=(noisy[test], x[test]), verbose=2)
rec = ae.predict(noisy[test], verbose=0)
base = np.mean((noisy[test] - x[test]) ** 2)
print("mse noisy %.4f cleaned %.4f" % (base, np.mean((rec - x[test]) ** 2)))
