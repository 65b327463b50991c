# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(50)


def load_split():
    d = load_digits()
    x = (d.images / 16.0).astype("float32")[..., None]
    y = d.target
    src, dst = y < 7, y >= 7
    return (x[src], y[src]), (x[dst], y[dst] - 7)


def make_base():
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Flatten(),
    ], name="base")


(src_x, src_y), (dst_x, dst_y) = load_split()

# stage 1: learn features on digits 0..6
base = make_base()
pre = keras.Sequential([base, layers.Dense(7, activation="softmax")])
pre.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
pre.fit(src_x, src_y, epochs=6, batch_size=32, validation_split=0.1, verbose=2)

# stage 2: reuse them on digits 7..9
base.trainable = False
inputs = keras.Input((8, 8, 1))
h = base(inputs, training=False)
h = layers.Dropout(0.2)(h)
outputs = layers.Dense(3, activation="softmax")(h)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.summary()

x_tr, x_te, y_tr, y_te = train_test_split(dst_x, dst_y, test_size=0.3, random_state=0, stratify=dst_y)
model.fit(x_tr, y_tr, epochs=20, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("new-class accuracy %.3f" % model.evaluate(x_te, y_te, verbose=0)[1])
