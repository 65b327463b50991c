import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(0)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, keras.utils.to_categorical(y, 10), random_state=0)
y_train = 0.9 * y_train + 0.01
y_test = 0.9 * y_test + 0.01

model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(48, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss=keras.losses.KLDivergence(), metrics=["categorical_accuracy"])
model.fit(X_train, y_train, batch_size=32, epochs=6, validation_data=(X_test, y_test), verbose=0)
print(model.evaluate(X_test, y_test, verbose=0))
