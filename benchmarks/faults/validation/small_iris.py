# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(3)

iris = load_iris()
x, x_test, y, y_test = train_test_split(
    iris.data, iris.target, test_size=60, stratify=iris.target, random_state=3)
x_tr, x_val, y_tr, y_val = train_test_split(x, y, test_size=30, stratify=y, random_state=3)
scale = StandardScaler().fit(x_tr)
x_tr, x_val, x_test = (scale.transform(a).astype("float32") for a in (x_tr, x_val, x_test))
y_tr, y_val, y_test = (keras.utils.to_categorical(a, 3) for a in (y_tr, y_val, y_test))
print("train", x_tr.shape, "val", x_val.shape, "test", x_test.shape)

model = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(16, activation="tanh"),
    layers.Dense(3, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)
callbacks = [
    keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True),
]
history = model.fit(
    x_tr, y_tr,
    validation_data=(x_val, y_val),
    epochs=120,
    batch_size=12,
    callbacks=callbacks,
    verbose=0,
)
print("stopped after", len(history.history["loss"]), "epochs;",
      "best val loss %.4f" % min(history.history["val_loss"]))
loss, acc = model.evaluate(x_test, y_test, verbose=0)
print(f"test loss {loss:.4f} accuracy {acc:.4f}")
