# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(12)

x = (load_digits().data / 16.0).astype("float32")
x_train, x_test = train_test_split(x, test_size=0.2, random_state=12)

CODE = 24
inp = keras.Input(shape=(64,))
h = layers.Dense(64, activation="relu")(inp)
code = layers.Dense(CODE, name="code")(h)
h = layers.Dense(64, activation="relu")(code)
out = layers.Dense(64, activation="sigmoid")(h)

autoencoder = keras.Model(inp, out)
autoencoder.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy")
autoencoder.fit(
    x_train, x_train,
    validation_data=(x_test, x_test),
    epochs=25, batch_size=64, shuffle=True, verbose=2,
)

recon = autoencoder.predict(x_test, verbose=0)
sse = ((x_test - recon) ** 2).sum()
sst = ((x_test - x_train.mean(axis=0)) ** 2).sum()
print("explained variance on test: %.3f" % (1 - sse / sst))
