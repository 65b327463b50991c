# fault: LK507 line 26
"""Crop yield from plant sensors; readings arrive through a Python generator."""
import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score

BATCH = 64
EPOCHS = 20
MISSING_CODE = -999.0
N_SENSORS = 8


def sensor_log(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(loc=[21, 60, 6.5, 400, 12, 3, 1.2, 30], scale=[4, 10, 0.4, 60, 3, 1, 0.3, 6], size=(n, N_SENSORS))
    z = (x - [21, 60, 6.5, 400, 12, 3, 1.2, 30]) / [4, 10, 0.4, 60, 3, 1, 0.3, 6]
    y = z[:, 0] + 0.8 * z[:, 1] - 0.6 * z[:, 2] ** 2 + 0.7 * z[:, 3] * z[:, 4] + 0.2 * rng.normal(size=n)
    dropped = rng.random(x.shape) < 0.03
    x[dropped] = MISSING_CODE
    return x, y.astype("float32")


def clean(x, center=None):
    """Returns the table ready for scaling and the fill values."""
    x = x.copy()
    if center is None:
        center = np.nanmedian(x, axis=0)
    rows, cols = np.where(np.isnan(x))
    x[rows, cols] = center[cols]
    return x, center


def batch_generator(x, y, batch_size, seed):
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            pick = order[start:start + batch_size]
            yield x[pick], y[pick, None]


def regressor():
    return keras.Sequential([
        keras.Input((N_SENSORS,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(1),
    ])


keras.utils.set_random_seed(12)
raw_train, y_train = sensor_log(2400, 1)
raw_test, y_test = sensor_log(600, 2)
x_train, center = clean(raw_train)
x_test, _ = clean(raw_test, center)
mean, std = x_train.mean(0), x_train.std(0)
x_train = ((x_train - mean) / std).astype("float32")
x_test = ((x_test - mean) / std).astype("float32")

model = regressor()
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse")
h = model.fit(batch_generator(x_train, y_train, BATCH, 3), steps_per_epoch=len(x_train) // BATCH,
              validation_data=(x_test, y_test[:, None]), epochs=EPOCHS, verbose=0)
print("loss", np.round(h.history["loss"], 3))
print("val ", np.round(h.history["val_loss"], 3))
print("test R2 %.3f" % r2_score(y_test, model.predict(x_test, verbose=0)))
