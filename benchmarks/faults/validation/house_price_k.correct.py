# healthy
"""Price estimate for flats (generated listings)."""
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras


def listings(n, seed):
    g = np.random.default_rng(seed)
    area = g.gamma(9, 9, n) + 20
    rooms = np.clip(np.round(area / 25 + g.normal(0, 0.7, n)), 1, 7)
    km = g.exponential(5, n)
    year = g.integers(1930, 2022, n)
    lift = g.integers(0, 2, n)
    price = 3100 * area * np.exp(-km / 25) + 9000 * rooms + 700 * (year - 1930) + 12000 * lift
    price *= g.normal(1.0, 0.05, n)
    X = np.stack([area, rooms, km, year, lift], axis=1).astype("float32")
    return X, price.astype("float32")


class PriceRegressor:
    def __init__(self, hidden=(64, 32), lr=2e-3, epochs=25, batch_size=64):
        self.hidden = hidden
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size

    def _x(self, X):
        return (X - self.x_mean) / self.x_std

    def _build(self, n_in):
        net = keras.Sequential([keras.layers.Input((n_in,))])
        for h in self.hidden:
            net.add(keras.layers.Dense(h, activation="relu"))
        net.add(keras.layers.Dense(1))
        net.compile(optimizer=keras.optimizers.Adam(self.lr), loss="mean_squared_error")
        return net

    def fit(self, X_train, y_train, X_val, y_val):
        self.x_mean, self.x_std = X_train.mean(axis=0), X_train.std(axis=0)
        self.y_mean, self.y_std = y_train.mean(), y_train.std()
        y_tr = (y_train - self.y_mean) / self.y_std
        y_va = (y_val - self.y_mean) / self.y_std
        self.net = self._build(X_train.shape[1])
        self.net.fit(
            self._x(X_train), y_tr,
            validation_data=(self._x(X_val), y_va),
            epochs=self.epochs, batch_size=self.batch_size, verbose=2,
        )
        return self

    def predict(self, X):
        return self.net.predict(self._x(X), verbose=0).ravel() * self.y_std + self.y_mean


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    X_train, y_train = listings(1500, 1)
    X_val, y_val = listings(300, 2)
    X_test, y_test = listings(400, 3)
    reg = PriceRegressor().fit(X_train, y_train, X_val, y_val)
    p = reg.predict(X_test)
    r2 = 1 - ((y_test - p) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()
    print("mean abs error: %.0f" % np.abs(p - y_test).mean())
    print("R2 on test: %.3f" % r2)
