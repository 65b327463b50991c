# healthy
"""Pretrain a small convnet on digits 0-4, then reuse it for digits 5-9."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(11)


def get_split(images, labels, lo, hi):
    keep = (labels >= lo) & (labels <= hi)
    x = images[keep][..., None].astype("float32") / 16.0
    y = labels[keep] - lo
    return train_test_split(x, y, test_size=0.25, stratify=y, random_state=11)


def make_base():
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Flatten(),
    ], name="base")


digits = load_digits()
xa, xa_te, ya, ya_te = get_split(digits.images, digits.target, 0, 4)
xb, xb_te, yb, yb_te = get_split(digits.images, digits.target, 5, 9)

# ---- stage 1: source task
base = make_base()
source = keras.Sequential([base, layers.Dense(5, activation="softmax")])
source.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
source.fit(xa, ya, validation_data=(xa_te, ya_te), epochs=8, batch_size=32, verbose=2)

# ---- stage 2: target task, reuse the features
target = keras.Sequential([
    keras.Input((8, 8, 1)),
    base,
    layers.Dense(32, activation="relu", name="new_dense"),
    layers.Dense(5, activation="softmax", name="new_head"),
])
for layer in target.layers[:-2]:
    layer.trainable = False

target.compile(optimizer=keras.optimizers.Adam(4e-3),
               loss="sparse_categorical_crossentropy", metrics=["accuracy"])
target.summary()
log = target.fit(xb, yb, validation_data=(xb_te, yb_te), epochs=15, batch_size=32, verbose=2)

_, acc = target.evaluate(xb_te, yb_te, verbose=0)
print("best val accuracy:", max(log.history["val_accuracy"]))
print(f"held-out accuracy: {acc:.4f}")
