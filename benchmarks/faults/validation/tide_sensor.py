# healthy
"""Calibrating a cheap sensor: the reading explains only part of the variance."""
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras import layers, callbacks
from sklearn.metrics import r2_score

NOISE = 1.0


def truth(x):
    return 0.7 * np.sin(2.2 * x[:, 0]) + 0.3 * x[:, 1] * (x[:, 2] > 0)


def sample(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.7, 1.7, (n, 3))
    f = truth(x)
    return x.astype("float32"), (f + NOISE * rng.normal(size=n)).astype("float32"), f


x_tr, y_tr, _ = sample(3000, 1)
x_va, y_va, _ = sample(800, 2)
x_te, y_te, f_te = sample(2000, 3)
print("noise ceiling R2 on test: %.4f" % r2_score(y_te, f_te))

keras.utils.set_random_seed(9)
model = keras.Sequential([
    keras.Input((3,)),
    layers.Dense(32, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="mse")
model.fit(
    x_tr, y_tr, validation_data=(x_va, y_va), epochs=30, batch_size=64, verbose=2,
    callbacks=[
        callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=2, min_lr=1e-5, verbose=1),
        callbacks.EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True),
    ],
)
pred = model.predict(x_te, verbose=0).ravel()
print("R2 against the clean signal: %.4f" % r2_score(f_te, pred))
print("held-out R2: %.4f" % r2_score(y_te, pred))
