# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(19)
X, y = make_moons(1500, noise=0.2, random_state=19)
X = (X - X.mean(0)) / X.std(0)
y = np.where(y == 1, 1.0, -1.0).astype("float32")
X_tr, X_te, y_tr, y_te = train_test_split(X.astype("float32"), y, test_size=0.3, random_state=19)

model = keras.Sequential(
    [keras.Input((2,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(3e-3), loss="squared_hinge")
model.fit(X_tr, y_tr, epochs=30, batch_size=32, validation_data=(X_te, y_te), verbose=2)
print("accuracy %.3f" % np.mean(np.sign(model.predict(X_te, verbose=0)[:, 0]) == y_te))
