# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

PARAMS = {
    "lr": 1e-2,
    "momentum": 0.9,
    "epochs": 14,
    "batch": 48,
    "units": 64,
}

keras.utils.set_random_seed(99)

digits = load_digits()
x = (digits.images / 16.0).astype("float32")[..., None]
y = keras.utils.to_categorical(digits.target, 10)
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.25, random_state=99, stratify=digits.target)


def make_cnn(p):
    inp = keras.Input((8, 8, 1))
    h = layers.Conv2D(12, 3, padding="same", activation="relu")(inp)
    h = layers.MaxPooling2D()(h)
    h = layers.Conv2D(24, 3, padding="same", activation="relu")(h)
    h = layers.Flatten()(h)
    h = layers.Dense(p["units"], activation="relu")(h)
    out = layers.Dense(10, activation="softmax")(h)
    return keras.Model(inp, out)


cnn = make_cnn(PARAMS)
cnn.compile(
    optimizer=keras.optimizers.SGD(learning_rate=PARAMS["lr"], momentum=PARAMS["momentum"]),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
hist = cnn.fit(
    x_tr, y_tr,
    epochs=PARAMS["epochs"],
    batch_size=PARAMS["batch"],
    validation_data=(x_te, y_te),
    verbose=0,
)
for i, (l, v, a) in enumerate(zip(hist.history["loss"], hist.history["val_loss"], hist.history["val_accuracy"])):
    print(f"{i + 1:2d}: loss {l:.4f} val_loss {v:.4f} val_acc {a:.4f}")

pred = cnn.predict(x_te, verbose=0).argmax(axis=1)
print("final accuracy:", np.mean(pred == y_te.argmax(axis=1)).round(4))
