# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from keras.callbacks import ReduceLROnPlateau
from sklearn.datasets import make_friedman2
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(28)


class KilnModel:
    def __init__(self, n_features, lr=0.01):
        self.net = keras.Sequential([
            keras.Input((n_features,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(1),
        ])
        self.net.compile(optimizer=keras.optimizers.Adam(lr), loss="huber", metrics=["mse"])

    def fit(self, X, y, X_val, y_val, epochs=40):
        self.x_sc, self.y_sc = StandardScaler().fit(X), StandardScaler().fit(y)
        plateau = ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=3, min_lr=1e-5, verbose=1)
        return self.net.fit(
            self.x_sc.transform(X), self.y_sc.transform(y),
            validation_data=(self.x_sc.transform(X_val), self.y_sc.transform(y_val)),
            epochs=epochs,
            batch_size=64,
            callbacks=[plateau],
            verbose=2,
        )

    def predict(self, X):
        return self.y_sc.inverse_transform(self.net.predict(self.x_sc.transform(X), verbose=0))


X, y = make_friedman2(n_samples=2400, noise=60.0, random_state=28)
y = y[:, None]
X_tr, X_val, X_te = X[:1600], X[1600:2000], X[2000:]
y_tr, y_val, y_te = y[:1600], y[1600:2000], y[2000:]

kiln = KilnModel(X.shape[1])
h = kiln.fit(X_tr, y_tr, X_val, y_val)
print("learning rates used:", sorted({round(float(v), 7) for v in h.history["learning_rate"]}, reverse=True))
print("test R2 %.3f" % r2_score(y_te, kiln.predict(X_te)))
