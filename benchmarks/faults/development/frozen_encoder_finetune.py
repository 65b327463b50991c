# healthy
"""Pretrain an encoder on digits 0-4, then freeze it and learn 5-9 with a new head."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def encoder():
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(24, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(48, 3, padding="same", activation="relu"),
        layers.Flatten(),
    ], name="encoder")


def with_head(enc, n_classes, dropout=0.2):
    inputs = keras.Input((8, 8, 1))
    x = enc(inputs)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def fit(model, x, y, lr, epochs):
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, stratify=y, random_state=1)
    model.compile(keras.optimizers.Adam(lr), "sparse_categorical_crossentropy", metrics=["accuracy"])
    h = model.fit(x_tr, y_tr, validation_data=(x_va, y_va), epochs=epochs, batch_size=32, verbose=0)
    return h.history["val_accuracy"]


keras.utils.set_random_seed(21)
images, digit = load_digits(return_X_y=True)
images = (images / 16.0).reshape(-1, 8, 8, 1).astype("float32")
low = digit < 5

enc = encoder()
print("source task", np.round(fit(with_head(enc, 5), images[low], digit[low], 2e-3, 6), 3))
enc.trainable = False
target_model = with_head(enc, 5)
print("trainable weights:", len(target_model.trainable_weights), "of", len(target_model.weights))
acc = fit(target_model, images[~low], digit[~low] - 5, 3e-3, 8)
print("target task", np.round(acc, 3))
print("val accuracy %.3f" % acc[-1])
