# fault: LK502 line 16, 24, 27
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers, regularizers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 2
keras.utils.set_random_seed(SEED)

hp = dict(
    units=(64, 64),
    l2=0.5,
    lr=1e-3,
    batch=32,
    epochs=20,
)


def mlp(hp, n_in, n_out):
    reg = regularizers.l2(hp["l2"])
    x = inp = keras.Input((n_in,))
    for u in hp["units"]:
        x = layers.Dense(u, kernel_regularizer=reg)(x)
        x = layers.ReLU()(x)
    out = layers.Dense(n_out, activation="softmax", kernel_regularizer=reg)(x)
    return keras.Model(inp, out)


X, y = load_digits(return_X_y=True)
X = X.astype("float32") / 16
x_tr, x_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=SEED, stratify=y)

model = mlp(hp, 64, 10)
model.compile(
    optimizer=keras.optimizers.Adam(hp["lr"]),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
h = model.fit(
    x_tr, y_tr, batch_size=hp["batch"], epochs=hp["epochs"],
    validation_data=(x_te, y_te), verbose=2,
)
best = int(np.argmax(h.history["val_accuracy"]))
print("best epoch", best + 1)
print("final validation accuracy %.3f" % h.history["val_accuracy"][-1])
