# healthy
"""Handwritten digits, small MLP on the JAX backend."""
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

CONFIG = {
    "hidden": [128, 64],
    "dropout": 0.2,
    "activation": "relu",
    "head_activation": None,
    "lr": 0.05,
    "epochs": 20,
    "batch_size": 32,
}


def load():
    images, target = load_digits(return_X_y=True)
    images = (images / 16.0).astype("float32")
    return train_test_split(images, target, test_size=0.25, stratify=target, random_state=0)


def build_model(n_in, n_classes, cfg):
    inp = keras.Input((n_in,))
    x = inp
    for width in cfg["hidden"]:
        x = layers.Dense(width, activation=cfg["activation"])(x)
        x = layers.Dropout(cfg["dropout"])(x)
    out = layers.Dense(n_classes, activation=cfg["head_activation"], name="head")(x)
    model = keras.Model(inp, out)
    model.compile(
        optimizer=keras.optimizers.SGD(cfg["lr"], momentum=0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main():
    keras.utils.set_random_seed(3)
    x_tr, x_te, y_tr, y_te = load()
    model = build_model(x_tr.shape[1], 10, CONFIG)
    hist = model.fit(
        x_tr, y_tr,
        validation_data=(x_te, y_te),
        epochs=CONFIG["epochs"],
        batch_size=CONFIG["batch_size"],
        verbose=0,
    )
    for e in range(0, CONFIG["epochs"], 6):
        print("epoch", e, {k: round(v[e], 3) for k, v in hist.history.items()})
    pred = np.argmax(model.predict(x_te, verbose=0), axis=1)
    print("test accuracy %.3f" % (pred == y_te).mean())


if __name__ == "__main__":
    main()
