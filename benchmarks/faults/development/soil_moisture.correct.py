# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers, regularizers
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(19)

WEIGHT_PENALTY = 1e-5


def block(units):
    return layers.Dense(units, activation="relu", kernel_regularizer=regularizers.l2(WEIGHT_PENALTY))


X, y = make_friedman1(n_samples=3500, n_features=10, noise=0.6, random_state=19)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.2, random_state=19)
xs, ys = StandardScaler().fit(Xtr), StandardScaler().fit(ytr[:, None])
Xtr, Xte = xs.transform(Xtr), xs.transform(Xte)
ytr, yte = ys.transform(ytr[:, None]), ys.transform(yte[:, None])

model = keras.Sequential([keras.Input((10,)), block(64), block(32), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse", metrics=["mae", "r2_score"])
model.fit(Xtr, ytr, batch_size=64, epochs=18, validation_data=(Xte, yte), verbose=2)
print({k: round(float(v), 4) for k, v in model.evaluate(Xte, yte, return_dict=True, verbose=0).items()})
