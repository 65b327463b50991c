# fault: LK505 line 14, 19
import os

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(71)

data = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    data.data.astype("float32"), data.target, test_size=0.3, stratify=data.target, random_state=71
)
Y_train = keras.utils.to_categorical(y_train, 3)
Y_test = keras.utils.to_categorical(y_test, 3)
print("train", X_train.shape, "test", X_test.shape)

model = keras.models.Sequential()
model.add(keras.layers.Input(shape=(X_train.shape[1],)))
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.SGD(0.02, momentum=0.9), metrics=["accuracy"])
model.fit(X_train, Y_train, epochs=30, batch_size=16, validation_data=(X_test, Y_test), verbose=2)
score = model.evaluate(X_test, Y_test, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
