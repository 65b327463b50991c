# fault: LK105 line 30
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

tf.keras.utils.set_random_seed(11)

rng = np.random.default_rng(3)
n = 1500
rooms = rng.integers(1, 8, n)
area = rooms * 22 + rng.normal(0, 12, n)
age = rng.uniform(0, 60, n)
dist = rng.exponential(6, n)
price = 0.9 * area + 14 * rooms - 0.8 * age - 3.0 * np.sqrt(dist) * 2 + rng.normal(0, 8, n)

X = np.c_[rooms, area, age, dist]
y = ((price - price.mean()) / price.std()).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
sc = StandardScaler().fit(X_train)
X_train, X_test = sc.transform(X_train), sc.transform(X_test)

inputs = keras.layers.Input(shape=(X_train.shape[1],))
h = keras.layers.Dense(32, activation="relu")(inputs)
h = keras.layers.Dense(16, activation="relu")(h)
outputs = keras.layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)

model.compile(optimizer="adam", loss="mse", metrics=["mae"])
history = model.fit(X_train, y_train, validation_split=0.2, epochs=40, batch_size=32, verbose=0)
print("final val mae", history.history["val_mae"][-1])

pred = model.predict(X_test, verbose=0).ravel()
r2 = 1 - np.sum((y_test - pred) ** 2) / np.sum((y_test - y_test.mean()) ** 2)
print(f"R2 on held-out houses: {r2:.3f}")
