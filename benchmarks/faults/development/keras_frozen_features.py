# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)
d = load_digits()
x, y = (d.images[..., None] / 16.0).astype("float32"), d.target
old, new = y < 6, y >= 6

backbone = keras.Sequential(
    [layers.Input((8, 8, 1)), layers.Conv2D(24, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(48, activation="relu")],
    name="backbone",
)
pre = keras.Sequential([backbone, layers.Dense(6, activation="softmax")])
pre.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
pre.fit(x[old], y[old], epochs=10, batch_size=32, verbose=0)

x_tr, x_te, y_tr, y_te = train_test_split(x[new], y[new] - 6, test_size=0.3, random_state=0, stratify=y[new])
backbone.trainable = False
inputs = layers.Input((8, 8, 1))
h = backbone(inputs, training=False)
model = keras.Model(inputs, layers.Dense(4, activation="softmax")(h))
model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_tr, y_tr, epochs=15, batch_size=32, validation_data=(x_te, y_te), verbose=2)

backbone.trainable = True
model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_tr, y_tr, epochs=5, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("accuracy: %.3f" % np.mean(model.predict(x_te, verbose=0).argmax(1) == y_te))
