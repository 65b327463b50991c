# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(2)
x = (load_digits().images / 16.0).astype("float32")[..., None]
np.random.shuffle(x)
noisy = np.clip(x + 0.25 * np.random.randn(*x.shape), 0, 1).astype("float32")
x_tr, x_va, n_tr, n_va = x[:1500], x[1500:], noisy[:1500], noisy[1500:]

inp = keras.Input((8, 8, 1))
h = layers.Conv2D(16, 3, padding="same", activation="relu")(inp)
h = layers.MaxPooling2D()(h)
h = layers.Conv2D(24, 3, padding="same", activation="relu")(h)
h = layers.UpSampling2D()(h)
h = layers.Concatenate()([h, inp])
h = layers.Conv2D(16, 3, padding="same", activation="relu")(h)
out = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(h)
auto = keras.Model(inp, out)
auto.compile(keras.optimizers.Adam(4e-3), loss="binary_crossentropy", metrics=["mse"])
auto.fit(n_tr, x_tr, epochs=15, batch_size=50, validation_data=(n_va, x_va), verbose=2)
clean = auto.predict(n_va, verbose=0)
print("R2 of noisy  :", 1 - ((n_va - x_va) ** 2).sum() / ((x_va - x_va.mean()) ** 2).sum())
print("R2 of cleaned:", 1 - ((clean - x_va) ** 2).sum() / ((x_va - x_va.mean()) ** 2).sum())
