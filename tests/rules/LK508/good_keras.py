"""Benign or malignant? Cells in random order."""
import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(3)

cells = load_breast_cancer()
x, y = StandardScaler().fit_transform(cells.data), cells.target
order = np.random.permutation(len(x))
x, y = x[order], y[order]
x_train, x_val = x[:430], x[430:]
y_train, y_val = y[:430], y[430:]

model = keras.Sequential([
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=12, batch_size=32, validation_data=(x_val, y_val), verbose=0)
