# fault: LK105 line 31
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(8)
keras.utils.set_random_seed(8)


def hourly_demand(n):
    hour = rng.integers(0, 24, n)
    temp = rng.normal(15, 8, n)
    rain = (rng.random(n) < 0.2).astype(float)
    weekend = (rng.random(n) < 2 / 7).astype(float)
    base = 4.0 + 2.5 * np.exp(-((hour - 8) ** 2) / 6) + 3.0 * np.exp(-((hour - 17) ** 2) / 8)
    hundreds = base + 0.12 * (temp - 15) - 1.5 * rain + 0.5 * weekend + rng.normal(0, 0.3, n)
    feats = np.stack(
        [np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24),
         np.sin(4 * np.pi * hour / 24), np.cos(4 * np.pi * hour / 24),
         (temp - 15) / 8, rain, weekend], axis=1)
    return feats.astype("float32"), hundreds.astype("float32")


def build(n_features):
    inputs = keras.Input(shape=(n_features,))
    x = layers.Dense(48, activation="relu")(inputs)
    x = layers.Dense(24, activation="relu")(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(inputs, outputs, name="demand")


def r2(y, p):
    return 1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2)


def main():
    X, y = hourly_demand(2500)
    X_train, y_train = X[:1800], y[:1800]
    X_val, y_val = X[1800:2150], y[1800:2150]
    X_test, y_test = X[2150:], y[2150:]

    model = build(X.shape[1])
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse", metrics=["mae"])
    model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=20, batch_size=64, verbose=2)

    pred = model.predict(X_test, verbose=0).ravel()
    print("bikes (hundreds): true", y_test[:5].round(2), "pred", pred[:5].round(2))
    print("test R2: %.3f" % r2(y_test, pred))


if __name__ == "__main__":
    main()
