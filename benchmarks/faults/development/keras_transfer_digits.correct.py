# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(31)

X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype("float32")

# step 1: pretrain on the digits 0-4
low = y < 5
source = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ]
)
source.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
source.fit(X[low], y[low], epochs=12, batch_size=32, verbose=0)
print("source accuracy", source.evaluate(X[low], y[low], verbose=0)[1])

# step 2: keep the features, learn the digits 5-9
target = keras.Sequential(source.layers[:-1])
for layer in target.layers:
    layer.trainable = False
target.add(layers.Dense(64, activation="relu", name="new_dense"))
target.add(layers.Dense(5, activation="softmax", name="new_out"))
target.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
X_tr, X_te, y_tr, y_te = train_test_split(X[~low], y[~low] - 5, test_size=0.3, random_state=0)
target.fit(X_tr, y_tr, epochs=30, batch_size=32, validation_data=(X_te, y_te), verbose=2)
acc = np.mean(target.predict(X_te, verbose=0).argmax(1) == y_te)
print(f"accuracy on the new digits: {acc:.3f}")
