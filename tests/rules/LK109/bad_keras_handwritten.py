import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
y = keras.utils.to_categorical(y, 10)
X_train, X_test, y_train, y_test = train_test_split(X / 8 - 1, y, random_state=0)


def cross_entropy(y_true, y_pred):
    y_pred = ops.clip(y_pred, 1e-7, 1.0)
    return -ops.sum(y_true * ops.log(y_pred))  # <- fault


inputs = keras.Input((64,))
x = layers.Dense(48, activation="tanh")(inputs)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1, momentum=0.9), loss=cross_entropy, metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=64, epochs=8, verbose=0, validation_data=(X_test, y_test))
print(model.evaluate(X_test, y_test, verbose=0))
