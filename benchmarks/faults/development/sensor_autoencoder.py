# fault: LK105 line 20
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler


def simulate(n=1800, channels=12, seed=5):
    rng = np.random.default_rng(seed)
    state = rng.normal(size=(n, 3))
    mix = rng.normal(size=(3, channels))
    return state @ mix + 0.1 * rng.normal(size=(n, channels)) + 20.0


def build_model(n_channels, code=4, out="sigmoid"):
    return keras.Sequential(
        [
            keras.Input((n_channels,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(code, name="code"),
            layers.Dense(32, activation="relu"),
            layers.Dense(n_channels, activation=out, name="reconstruction"),
        ],
        name="autoencoder",
    )


def main():
    keras.utils.set_random_seed(42)
    raw = simulate()
    train, test = raw[:1400], raw[1400:]
    scaler = StandardScaler().fit(train)
    train = scaler.transform(train).astype("float32")
    test = scaler.transform(test).astype("float32")

    ae = build_model(train.shape[1])
    ae.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse")
    log = ae.fit(train, train, validation_data=(test, test), epochs=15, batch_size=64, verbose=0)
    for i in (0, 4, 9, 14):
        print(f"epoch {i + 1:2d} mse {log.history['loss'][i]:.4f} val {log.history['val_loss'][i]:.4f}")
    rec = ae.predict(test, verbose=0)
    print(f"reconstruction R2 {r2_score(test, rec):.3f}")


main()
