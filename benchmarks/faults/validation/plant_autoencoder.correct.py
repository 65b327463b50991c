# healthy
"""Compress 16 correlated plant sensors into a 4-d code and report reconstruction R2."""
import os
os.environ["KERAS_BACKEND"] = "jax"

from dataclasses import dataclass

import numpy as np
import keras
from keras import layers
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler


@dataclass
class Config:
    n_sensors: int = 16
    n_latent: int = 4
    samples: int = 3000
    batch_size: int = 64
    epochs: int = 30
    lr: float = 2e-3
    seed: int = 3


cfg = Config()
keras.utils.set_random_seed(cfg.seed)
rng = np.random.default_rng(cfg.seed)


def simulate(n):
    z = rng.normal(size=(n, 3))
    mix = rng.normal(size=(3, cfg.n_sensors))
    offset = rng.uniform(20, 300, size=cfg.n_sensors)
    gain = rng.uniform(1, 12, size=cfg.n_sensors)
    s = z @ mix + 0.3 * np.tanh(z @ rng.normal(size=(3, cfg.n_sensors)))
    return offset + gain * (s + 0.1 * rng.normal(size=s.shape))


raw = simulate(cfg.samples)
cut = int(0.8 * len(raw))
scaler = StandardScaler().fit(raw[:cut])
train = scaler.transform(raw[:cut]).astype("float32")
test = scaler.transform(raw[cut:]).astype("float32")


def build():
    inp = keras.Input((cfg.n_sensors,))
    e = layers.Dense(32, activation="relu", name="enc_1")(inp)
    code = layers.Dense(cfg.n_latent, name="code")(e)
    d = layers.Dense(32, activation="relu", name="dec_1")(code)
    out = layers.Dense(cfg.n_sensors, name="recon")(d)
    return keras.Model(inp, out, name="autoencoder"), keras.Model(inp, code, name="encoder")


autoencoder, encoder = build()
autoencoder.compile(optimizer=keras.optimizers.Adam(cfg.lr), loss="mse")
hist = autoencoder.fit(
    train, train,
    epochs=cfg.epochs,
    batch_size=cfg.batch_size,
    shuffle=True,
    validation_data=(test, test),
    verbose=0,
)
for i in range(0, cfg.epochs, 5):
    print(f"epoch {i:3d}  mse {hist.history['loss'][i]:.4f}  val {hist.history['val_loss'][i]:.4f}")

recon = autoencoder.predict(test, verbose=0)
print("code shape", encoder.predict(test[:8], verbose=0).shape)
print("reconstruction R2: %.3f" % r2_score(test, recon))
