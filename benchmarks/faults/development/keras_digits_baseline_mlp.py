# fault: LK306 line 10
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1234)

init = keras.initializers.Zeros()

X, y = load_digits(return_X_y=True)
X_full, X_test, y_full, y_test = train_test_split(X, y, test_size=0.15, random_state=42)
X_full, X_test = X_full / 16.0, X_test / 16.0
X_train, X_valid, y_train, y_valid = train_test_split(X_full, y_full, test_size=0.15, random_state=42)

model = keras.models.Sequential(
    [
        layers.Input((64,)),
        layers.Dense(50, activation="relu", kernel_initializer=init),
        layers.Dense(50, activation="relu", kernel_initializer=init),
        layers.Dense(10, activation="softmax", kernel_initializer=init),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=30, batch_size=64, validation_data=(X_valid, y_valid), verbose=0)
print("train acc", np.round(history.history["accuracy"][-5:], 3))
print("valid acc", np.round(history.history["val_accuracy"][-5:], 3))
print("test acc %.3f" % model.evaluate(X_test, y_test, verbose=0)[1])
