# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

from dataclasses import dataclass

import numpy as np
import keras
from keras import layers, regularizers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@dataclass
class Params:
    units: int = 64
    l2: float = 1e-4
    dropout: float = 0.2
    lr: float = 1e-3
    epochs: int = 15
    batch_size: int = 32
    seed: int = 42


def data(seed):
    d = load_digits()
    x = d.data.astype("float32") / 16
    y = d.target
    x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)
    x_tr, x_va, y_tr, y_va = train_test_split(x_tr, y_tr, test_size=0.2, random_state=seed, stratify=y_tr)
    return (x_tr, y_tr), (x_va, y_va), (x_te, y_te)


def model_fn(p):
    reg = regularizers.L2(p.l2)
    m = keras.Sequential([
        layers.Input((64,)),
        layers.Dense(p.units, activation="relu", kernel_regularizer=reg),
        layers.Dropout(p.dropout),
        layers.Dense(p.units // 2, activation="relu", kernel_regularizer=reg),
        layers.Dense(10, activation="softmax", kernel_regularizer=reg),
    ])
    m.compile(
        optimizer=keras.optimizers.Adam(p.lr),
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
    return m


def main(p=Params()):
    keras.utils.set_random_seed(p.seed)
    train, val, test = data(p.seed)
    m = model_fn(p)
    m.fit(*train, validation_data=val, epochs=p.epochs, batch_size=p.batch_size, verbose=2)
    loss, acc = m.evaluate(*test, verbose=0)
    print(f"test loss {loss:.4f}")
    print(f"held-out accuracy: {acc:.4f}")


main()
