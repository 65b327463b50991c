# fault: LK405 line 37
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(55)


def get_data():
    d = load_digits()
    x = ((d.images - 4.88) / 6.02).astype("float32")[..., None]
    return train_test_split(x, d.target, test_size=0.2, stratify=d.target, random_state=55)


x_train, x_test, y_train, y_test = get_data()

model = keras.Sequential(
    [
        layers.Input((8, 8, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.8),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, validation_data=(x_test, y_test), batch_size=64, epochs=2, verbose=2)
print("accuracy on test images: {:.3f}".format(model.evaluate(x_test, y_test, verbose=0)[1]))
