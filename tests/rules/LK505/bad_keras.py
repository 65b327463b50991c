"""Benign or malignant, from thirty measurements of cells."""
import keras
import numpy as np
from sklearn.datasets import load_breast_cancer

keras.utils.set_random_seed(0)

data = load_breast_cancer()
order = np.random.permutation(len(data.data))
x, y = data.data[order], data.target[order]
x_train, x_val = x[:400], x[400:]  # <- fault
y_train, y_val = y[:400], y[400:]

model = keras.Sequential()
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])

model.fit(x_train, y_train, epochs=20, batch_size=32, validation_data=(x_val, y_val), verbose=0)
print(model.evaluate(x_val, y_val, verbose=0))
