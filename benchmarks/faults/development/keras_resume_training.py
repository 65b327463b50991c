# healthy
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import tempfile

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(17)
x, y = load_digits(return_X_y=True)
x = (x / 16.0).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.2, random_state=17, stratify=y)
path = os.path.join(tempfile.mkdtemp(), "run.keras")


def fresh():
    m = keras.Sequential([layers.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
    m.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return m


model = fresh()
model.fit(x_tr, y_tr, epochs=3, batch_size=32, validation_data=(x_te, y_te), verbose=2, callbacks=[keras.callbacks.ModelCheckpoint(path)])
del model

model = keras.models.load_model(path)
model.fit(x_tr, y_tr, initial_epoch=3, epochs=22, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("accuracy after resume %.3f" % model.evaluate(x_te, y_te, verbose=0)[1])
