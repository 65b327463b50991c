# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(36)


def listings(n=2200, seed=36):
    rng = np.random.default_rng(seed)
    area = rng.uniform(20, 140, n)
    floor = rng.integers(0, 12, n)
    centre = rng.exponential(4.0, n)
    rent = 250 + 11.5 * area + 14 * floor - 35 * np.minimum(centre, 12) + 60 * rng.normal(size=n)
    rent[rng.choice(int(0.75 * n), 14, replace=False)] *= 100
    return np.c_[area, floor, centre], rent


X, rent = listings()
cut = int(0.75 * len(X))
scale = StandardScaler().fit(X[:cut])
Z = scale.transform(X)
typo = rent[:cut] > 20 * np.median(rent[:cut])
rent[:cut][typo] /= 100
m, s = rent[:cut].mean(), rent[:cut].std()

model = keras.Sequential(
    [keras.Input((3,)), layers.Dense(32, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(1)]
)
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse")
model.fit(Z[:cut], (rent[:cut] - m) / s, epochs=40, batch_size=32, verbose=2)
pred = model.predict(Z[cut:], verbose=0)[:, 0] * s + m
print("mean absolute error: %.1f" % np.mean(np.abs(pred - rent[cut:])))
print("R2: %.3f" % r2_score(rent[cut:], pred))
