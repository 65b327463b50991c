"""Digits with Keras and a rate that decays."""
import math

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, random_state=0)

model = keras.Sequential(
    [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, activation="softmax")]
)
model.compile(
    optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 2e-3 * math.exp(-0.1 * epoch))
model.fit(
    X_train, y_train, epochs=16, batch_size=64, validation_data=(X_test, y_test), callbacks=[scheduler], verbose=0
)
print(model.evaluate(X_test, y_test, verbose=0))
