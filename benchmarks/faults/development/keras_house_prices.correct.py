# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(2)
rng = np.random.default_rng(2)
n = 1200
area = rng.uniform(40, 240, n)
rooms = np.round(area / 35 + rng.normal(0, 0.7, n)).clip(1)
age = rng.uniform(0, 90, n)
price = 2400 * area + 9000 * rooms - 700 * age + rng.normal(0, 20000, n) + 50000
X = np.column_stack([area, rooms, age])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = (price - price.mean()) / price.std()
X_train, X_val, y_train, y_val = X[:1000], X[1000:], y[:1000], y[1000:]

inp = keras.Input(shape=(3,), name="house")
x = layers.Dense(32, activation="relu")(inp)
x = layers.Dense(16, activation="relu")(x)
out = layers.Dense(1, name="price")(x)
model = keras.Model(inp, out)
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
hist = model.fit(X_train, y_train, epochs=12, batch_size=32, validation_data=(X_val, y_val), verbose=2)
print("final val mae", hist.history["val_mae"][-1])
