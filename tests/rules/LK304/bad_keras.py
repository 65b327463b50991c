"""Digits from zero to one, multiplied as if they were to be divided."""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)

model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Rescaling(2550.0),
        keras.layers.Dense(32, activation="tanh"),  # <- fault
        keras.layers.Dense(4, activation="tanh"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=6, batch_size=32, validation_data=(X_test, y_test), verbose=2)
