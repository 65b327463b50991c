"""Machines that will fail soon, among many that will not, with Keras."""

import keras
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = make_classification(5000, 12, n_informative=6, weights=[0.96], class_sep=0.5, flip_y=0.01, random_state=2)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)

model = keras.Sequential(
    [
        keras.Input((12,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])  # <- fault
model.fit(X_train, y_train, epochs=8, batch_size=64, validation_data=(X_test, y_test), verbose=2)
