# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(99)

X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype("float32")
x_train, x_val, y_train, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=99)

model = keras.Sequential([
    keras.Input((64,)),
    layers.Dropout(0.1),
    layers.Dense(256, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
hist = model.fit(
    x_train, y_train,
    batch_size=32,
    epochs=20,
    validation_data=(x_val, y_val),
    verbose=0,
).history

print("epoch  loss   acc    val_loss val_acc")
for i in range(0, 20, 2):
    print("%5d  %.4f %.4f %.4f   %.4f" % (
        i + 1, hist["loss"][i], hist["accuracy"][i], hist["val_loss"][i], hist["val_accuracy"][i]))
print("final:", hist["val_accuracy"][-1])
