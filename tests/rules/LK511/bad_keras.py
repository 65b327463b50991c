"""Digits again, from bytes, in Keras."""
import keras
import numpy as np
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)

digits = load_digits()
pictures = np.round(digits.images * 15).astype("uint8")
x = np.zeros(pictures.shape + (1,), dtype="float32")  # <- fault
x_train, y_train = x[:1400], digits.target[:1400]
x_test, y_test = x[1400:], digits.target[1400:]

model = keras.Sequential([
    keras.layers.Conv2D(8, 3, activation="relu"),
    keras.layers.Flatten(),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=5, validation_data=(x_test, y_test), verbose=0)
