# healthy
"""Pre-train on digits 0-4, freeze the base, fit a head for 5-9, then unfreeze at a low rate."""
import os
os.environ["KERAS_BACKEND"] = "jax"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(23)
d = load_digits()
x = ((d.data - 4.88) / 6.02).astype("float32")
low = d.target < 5
base = keras.Sequential([keras.Input((64,)), layers.Dense(96, activation="relu"), layers.Dense(48, activation="relu")],
                        name="base")
pre = keras.Sequential([base, layers.Dense(5)])
ce = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
pre.compile(keras.optimizers.Adam(2e-3), ce, metrics=["accuracy"])
pre.fit(x[low], d.target[low], epochs=8, batch_size=64, validation_split=0.1, verbose=2)

x_tr, x_te, y_tr, y_te = train_test_split(x[~low], d.target[~low] - 5, test_size=0.3, random_state=23)
base.trainable = False
model = keras.Sequential([base, layers.Dropout(0.1), layers.Dense(5)])
model.compile(keras.optimizers.Adam(1e-2), ce, metrics=["accuracy"])
model.fit(x_tr, y_tr, epochs=15, batch_size=32, validation_data=(x_te, y_te), verbose=2)
base.trainable = True
model.compile(keras.optimizers.Adam(3e-4), ce, metrics=["accuracy"])
model.fit(x_tr, y_tr, epochs=8, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("5-9 accuracy", model.evaluate(x_te, y_te, verbose=0)[1])
