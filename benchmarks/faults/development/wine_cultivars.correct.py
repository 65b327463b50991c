# healthy
"""Wine cultivars from the UCI table (class in the first column)."""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split


def read_table():
    # same layout as wine.data: cultivar, then 13 measurements
    bunch = load_wine()
    return np.column_stack([bunch.target + 1, bunch.data])


def prepare(table, seed=0):
    features = table[:, 1:]
    labels = table[:, 0].astype("int32") - 1
    x_tr, x_te, y_tr, y_te = train_test_split(
        features, labels, test_size=0.3, random_state=seed, stratify=labels
    )
    mean, std = x_tr.mean(0), x_tr.std(0)
    return (x_tr - mean) / std, (x_te - mean) / std, y_tr, y_te


def get_model(n_features, n_classes=3):
    return keras.Sequential(
        [
            keras.layers.Input((n_features,)),
            keras.layers.Dense(24, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


keras.utils.set_random_seed(2)
x_tr, x_te, y_tr, y_te = prepare(read_table())
model = get_model(x_tr.shape[1])
model.compile(optimizer=keras.optimizers.Adam(5e-3),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_tr, y_tr, validation_data=(x_te, y_te), epochs=30, batch_size=16, verbose=0)
loss, acc = model.evaluate(x_te, y_te, verbose=0)
print(f"held-out loss {loss:.4f}  accuracy {acc:.3f}")
