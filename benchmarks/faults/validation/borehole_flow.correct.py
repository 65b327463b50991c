# healthy
"""Borehole flow regression from field log sheets (six probes per hole)."""
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import pandas as pd
import keras
from keras import layers
from sklearn.preprocessing import StandardScaler

RNG = np.random.default_rng(63)
FEATURES = ["depth", "porosity", "head", "temperature", "ph", "clay"]


def read_log(n=2200):
    df = pd.DataFrame({
        "depth": RNG.normal(60, 15, n),
        "porosity": RNG.normal(0.25, 0.06, n),
        "head": RNG.normal(12, 4, n),
        "temperature": RNG.normal(11, 1.5, n),
        "ph": RNG.normal(7.2, 0.4, n),
        "clay": RNG.normal(20, 6, n),
    })
    df["flow"] = (0.5 * df["head"] + 18 * df["porosity"] + 0.03 * (df["depth"] - 60)
                  - 0.12 * df["clay"] + 0.25 * (df["temperature"] - 11) ** 2 + RNG.normal(0, 0.4, n))
    for col in FEATURES:
        missing = RNG.random(n) < 0.05
        df.loc[missing, col] = -999.0
    return df


def prepare(df):
    df = df.replace(-999.0, np.nan)
    fit, hold = df.iloc[:1700], df.iloc[1700:]
    medians = fit[FEATURES].median()
    fit, hold = fit.fillna(medians), hold.fillna(medians)
    scaler = StandardScaler().fit(fit[FEATURES])
    y_mean, y_std = fit["flow"].mean(), fit["flow"].std()
    to_xy = lambda part: (scaler.transform(part[FEATURES]).astype("float32"),
                          ((part["flow"] - y_mean) / y_std).to_numpy("float32"))
    return to_xy(fit), to_xy(hold)


def build():
    net = keras.Sequential(name="flow")
    net.add(keras.Input((len(FEATURES),)))
    net.add(layers.Dense(32, activation="relu"))
    net.add(layers.Dense(16, activation="relu"))
    net.add(layers.Dense(1))
    net.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse", metrics=[keras.metrics.R2Score()])
    return net


if __name__ == "__main__":
    keras.utils.set_random_seed(63)
    (x, y), (xv, yv) = prepare(read_log())
    net = build()
    net.fit(x, y[:, None], validation_data=(xv, yv[:, None]), epochs=20, batch_size=32, verbose=2)
    mse, r2 = net.evaluate(xv, yv[:, None], verbose=0)
    print(f"held-out mse {mse:.4f}  R2 {r2:.3f}")
