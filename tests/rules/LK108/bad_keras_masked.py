import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

keras.utils.set_random_seed(0)
MISSING = -99.0
X, y = load_diabetes(return_X_y=True)
X, y = scale(X).astype("float32"), scale(y).astype("float32")
y_train = np.where(np.random.default_rng(0).random(340) < 0.3, y[:340], MISSING)


def masked_error(y_true, y_pred):
    mask = ops.cast(y_true != MISSING, "float32")
    return ops.sum(mask * ops.square(y_true - y_pred)) / ops.sum(mask)  # <- fault


model = keras.Sequential([keras.Input((10,)), layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.003), loss=masked_error)
model.fit(X[:340], y_train, batch_size=8, epochs=15, validation_data=(X[340:], y[340:]), verbose=0)
print(model.evaluate(X[340:], y[340:], verbose=0))
