# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from sklearn.metrics import r2_score


def buildings(n, rng):
    area = rng.uniform(60, 400, n)
    glazing = rng.uniform(0.05, 0.5, n)
    height = rng.choice([3.5, 7.0], n)
    outside = rng.normal(5, 6, n)
    orientation = rng.uniform(0, 2 * np.pi, n)
    load = (0.08 * area * (21 - outside) / 10 * (1 + glazing) + 2.5 * height
            - 6 * glazing * np.cos(orientation) + rng.normal(0, 1.2, n))
    x = np.stack([area, glazing, height, outside, np.sin(orientation), np.cos(orientation)], 1)
    return x, load


class Report(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch % 5 == 0:
            print(f"epoch {epoch:3d} loss {logs['loss']:.4f} val_loss {logs['val_loss']:.4f}")

    def on_train_end(self, logs=None):
        print("training finished")


keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x_train, y_train = buildings(1600, rng)
x_val, y_val = buildings(400, rng)
x_test, y_test = buildings(400, rng)

x_mean, x_std = x_train.mean(0), x_train.std(0)
y_mean, y_std = y_train.mean(), y_train.std()


def sx(x):
    return ((x - x_mean) / x_std).astype("float32")


def sy(y):
    return ((y - y_mean) / y_std).astype("float32")


model = keras.Sequential([
    keras.Input((6,)),
    keras.layers.Dense(48, activation="tanh"),
    keras.layers.Dense(24, activation="tanh"),
    keras.layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.Adam(5e-4), loss="mse", metrics=["mae"])
callbacks = [
    Report(),
    keras.callbacks.EarlyStopping(
        monitor="val_loss",
        mode="min",
        patience=7,
        restore_best_weights=True,
    ),
]
history = model.fit(sx(x_train), sy(y_train), validation_data=(sx(x_val), sy(y_val)),
                    epochs=150, batch_size=32, callbacks=callbacks, verbose=0)
print("epochs run", len(history.epoch))

prediction = model.predict(sx(x_test), verbose=0)[:, 0] * y_std + y_mean
print("test R2 %.3f" % r2_score(y_test, prediction))
