# healthy
"""Weather station: one trunk, a class head and a regression head with weighted losses."""
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score


def station(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 8)).astype("float32")
    sky = np.digitize(x[:, 0] + x[:, 1] * x[:, 2], [-0.7, 0.7])
    temp = 18 + 6 * x[:, 3] + 3 * np.tanh(x[:, 4]) + 4.0 * rng.normal(size=n)
    return x, sky, temp.astype("float32")


def build():
    inputs = keras.Input((8,))
    trunk = layers.Dense(64, activation="silu")(inputs)
    trunk = layers.LayerNormalization()(trunk)
    sky = layers.Dense(3, activation="softmax", name="sky")(layers.Dense(32, activation="silu")(trunk))
    temp = layers.Dense(1, name="temp")(layers.Dense(32, activation="silu")(trunk))
    return keras.Model(inputs, {"sky": sky, "temp": temp})


keras.utils.set_random_seed(16)
x_tr, sky_tr, temp_tr = station(2500, 1)
x_te, sky_te, temp_te = station(600, 2)
mean, std = temp_tr.mean(), temp_tr.std()
scale = lambda t: ((t - mean) / std)[:, None]

model = build()
model.compile(
    optimizer=keras.optimizers.AdamW(2e-3, weight_decay=1e-3, clipnorm=1.0),
    loss={"sky": "sparse_categorical_crossentropy", "temp": "huber"},
    loss_weights={"sky": 1.0, "temp": 2.5},
    metrics={"sky": "accuracy"},
)
h = model.fit(x_tr, {"sky": sky_tr, "temp": scale(temp_tr)}, epochs=12, batch_size=64, verbose=0,
              validation_data=(x_te, {"sky": sky_te, "temp": scale(temp_te)}))
print({k: np.round(v[-1], 3) for k, v in h.history.items()})
out = model.predict(x_te, verbose=0)
print("sky accuracy %.3f  temp R2 %.3f" % ((out["sky"].argmax(1) == sky_te).mean(),
                                          r2_score(temp_te, out["temp"][:, 0] * std + mean)))
