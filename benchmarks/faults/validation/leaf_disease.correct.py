# healthy
"""Blight / no blight from leaf texture statistics (Keras)."""
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(31)


def texture_table(n=2000):
    rng = np.random.default_rng(31)
    base = rng.normal(size=(n, 10))
    blight = ((base[:, 0] * base[:, 1] + 0.8 * base[:, 2] - 0.6 * base[:, 3] ** 2 + 0.5) > 0).astype("float32")
    x = base + 0.05 * rng.normal(size=base.shape)
    return x.astype("float32"), blight


x, y = texture_table()
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.25, random_state=0, stratify=y)
norm = layers.Normalization()
norm.adapt(x_train)

model = keras.Sequential([
    keras.Input(shape=(10,)),
    norm,
    layers.Dense(48, activation="relu"),
    layers.Dense(24, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.summary()

history = model.fit(
    x_train, y_train,
    validation_data=(x_val, y_val),
    batch_size=50,
    epochs=12,
    verbose=2,
)

loss, acc = model.evaluate(x_val, y_val, verbose=0)
print("share of blighted leaves in validation:", float(y_val.mean()))
print(f"validation loss {loss:.3f}, accuracy {acc:.3f}")
best = int(np.argmin(history.history["val_loss"])) + 1
print("best epoch:", best)
