import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
y = keras.utils.to_categorical(y, 10)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)


def cross_entropy(y_true, y_pred):
    log_probability = ops.log(ops.clip(y_pred, 1e-7, 1.0))
    return -ops.sum(y_true * log_probability, axis=-1)


model = keras.Sequential(
    [keras.Input((64,)), layers.Dense(48, activation="relu"), layers.Dense(10, activation="softmax")]
)
model.compile(optimizer="adam", loss=cross_entropy, metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=32, epochs=5, validation_data=(X_test, y_test), verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
