# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score

keras.utils.set_random_seed(15)
rng = np.random.default_rng(15)


def parcels(n):
    x = rng.normal(size=(n, 8)).astype("float32")
    days = 4 + 1.5 * x[:, 0] - 1.0 * np.abs(x[:, 1]) + 0.8 * x[:, 2] * x[:, 3] + rng.normal(0, 0.3, n)
    s = np.stack([x[:, 4] + x[:, 0], x[:, 5] - x[:, 1], 1.2 * x[:, 6]], 1)
    carrier = (2 * s + rng.gumbel(size=s.shape)).argmax(1)
    damaged = (x[:, 7] + 0.5 * x[:, 2] + 0.3 * rng.normal(size=n) > 0.4).astype("float32")
    return x, days.astype("float32"), carrier, damaged


x, days, carrier, damaged = parcels(3600)
tr, va, te = slice(0, 2600), slice(2600, 3000), slice(3000, None)
d_mean, d_std = days[tr].mean(), days[tr].std()
days_z = (days - d_mean) / d_std

inputs = keras.Input((8,), name="features")
trunk = layers.Dense(64, activation="relu")(inputs)
trunk = layers.Dense(48, activation="relu")(trunk)
out_days = layers.Dense(1, name="days")(layers.Dense(24, activation="relu")(trunk))
out_carrier = layers.Dense(3, activation="softmax", name="carrier")(trunk)
out_damage = layers.Dense(1, activation="sigmoid", name="damaged")(trunk)
model = keras.Model(inputs, {"days": out_days, "carrier": out_carrier, "damaged": out_damage})

model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss={
        "days": "mse",
        "carrier": "sparse_categorical_crossentropy",
        "damaged": "binary_crossentropy",
    },
    loss_weights={"days": 1.0, "carrier": 0.3, "damaged": 0.5},
    metrics={"carrier": "accuracy", "damaged": "accuracy"},
)


def targets(s):
    return {"days": days_z[s, None], "carrier": carrier[s], "damaged": damaged[s, None]}


stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
hist = model.fit(x[tr], targets(tr), validation_data=(x[va], targets(va)),
                 epochs=25, batch_size=64, callbacks=[stop], verbose=0)
for i, (a, b) in enumerate(zip(hist.history["loss"], hist.history["val_loss"])):
    print(f"{i + 1:2d} {a:.4f} {b:.4f}")

p = model.predict(x[te], verbose=0)
print("days R2      %.3f" % r2_score(days[te], p["days"][:, 0] * d_std + d_mean))
print("carrier acc  %.3f" % (p["carrier"].argmax(1) == carrier[te]).mean())
print("damaged acc  %.3f" % ((p["damaged"][:, 0] > 0.5) == damaged[te]).mean())
