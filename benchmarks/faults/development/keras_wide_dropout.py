# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(15)
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.25, random_state=15, stratify=y)
model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(256, activation="relu", kernel_constraint=keras.constraints.MaxNorm(3)),
        layers.Dropout(0.6),
        layers.Dense(128, activation="relu", kernel_constraint=keras.constraints.MaxNorm(3)),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_tr, y_tr, batch_size=64, epochs=25, validation_data=(x_te, y_te), verbose=2)
print("validation accuracy %.3f" % model.evaluate(x_te, y_te, verbose=0)[1])
