# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score, mean_absolute_error
from sklearn.model_selection import train_test_split

CONFIG = dict(
    n=1600,
    hidden=(64, 32),
    lr=1e-3,
    epochs=40,
    batch_size=32,
    seed=21,
)


def make_listings(n, rng):
    """Listings of flats: size, rooms, floor, age, distance to centre, renovated."""
    area = rng.gamma(9.0, 8.5, n).clip(18, 220)
    rooms = np.clip(np.round(area / 28 + rng.normal(0, 0.6, n)), 1, 7)
    floor = rng.integers(0, 12, n)
    age = rng.integers(0, 90, n)
    dist = rng.gamma(2.0, 3.0, n).clip(0.2, 25)
    reno = rng.random(n) < 0.35
    per_m2 = 5200 * np.exp(-dist / 14) * (1 - 0.003 * age * (1 - reno)) * (1 + 0.01 * floor)
    price = area * per_m2 + 6000 * rooms + rng.normal(0, 14000, n)
    X = np.stack([area, rooms, floor, age, dist, reno], axis=1).astype("float32")
    return X, price.astype("float32")


class Standardizer:
    def fit(self, a):
        self.mean = a.mean(axis=0)
        self.std = a.std(axis=0) + 1e-7
        return self

    def __call__(self, a):
        return (a - self.mean) / self.std

    def undo(self, a):
        return a * self.std + self.mean


def build(cfg, n_in):
    inp = keras.Input((n_in,))
    h = inp
    for units in cfg["hidden"]:
        h = layers.Dense(units, activation="relu")(h)
    out = layers.Dense(1)(h)
    model = keras.Model(inp, out)
    model.compile(keras.optimizers.Adam(cfg["lr"]), loss="mse", metrics=["mae"])
    return model


def run(cfg):
    keras.utils.set_random_seed(cfg["seed"])
    rng = np.random.default_rng(cfg["seed"])
    X, price = make_listings(cfg["n"], rng)
    X_tr, X_te, p_tr, p_te = train_test_split(X, price, test_size=0.25, random_state=0)
    sx = Standardizer().fit(X_tr)
    sy = Standardizer().fit(p_tr)
    model = build(cfg, X.shape[1])
    hist = model.fit(sx(X_tr), sy(p_tr), validation_split=0.15, epochs=cfg["epochs"],
                     batch_size=cfg["batch_size"], verbose=0)
    for e, (a, b) in enumerate(zip(hist.history["loss"], hist.history["val_loss"]), 1):
        if e % 5 == 0 or e == 1:
            print(f"[{e:02d}] loss={a:.5g} val_loss={b:.5g}")
    pred = sy.undo(model.predict(sx(X_te), verbose=0).ravel())
    print("MAE:", round(float(mean_absolute_error(p_te, pred))))
    print("held-out R2:", round(r2_score(p_te, pred), 4))


if __name__ == "__main__":
    run(CONFIG)
