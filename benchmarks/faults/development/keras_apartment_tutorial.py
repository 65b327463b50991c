# fault: LK104 line 37
import os

os.environ["KERAS_BACKEND"] = "jax"
import argparse

import keras
import numpy as np
from sklearn.datasets import make_regression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def load(seed):
    X, y = make_regression(n_samples=1200, n_features=10, n_informative=7, noise=12.0, random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
    xs = StandardScaler().fit(X_train)
    ys = StandardScaler().fit(y_train[:, None])
    return (
        xs.transform(X_train).astype("float32"),
        xs.transform(X_test).astype("float32"),
        ys.transform(y_train[:, None]).astype("float32"),
        ys.transform(y_test[:, None]).astype("float32"),
    )


def build(n_features):
    model = keras.models.Sequential(
        [
            keras.layers.Input(shape=(n_features,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["mae"])
    return model


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--seed", type=int, default=5)
    args = ap.parse_args()
    keras.utils.set_random_seed(args.seed)
    X_train, X_test, y_train, y_test = load(args.seed)
    model = build(X_train.shape[1])
    model.fit(X_train, y_train, batch_size=32, epochs=args.epochs, validation_data=(X_test, y_test), verbose=2)
    print("test R2: %.3f" % r2_score(y_test, model.predict(X_test, verbose=0)))
