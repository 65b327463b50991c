# fault: LK301 line 16
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def build_model(depth=7, width=48):
    inputs = keras.Input(shape=(64,), name="pixels")
    x = inputs
    for i in range(depth):
        x = layers.Dense(width, activation="sigmoid", name=f"fc{i}")(x)
    outputs = layers.Dense(10, activation="softmax", name="probs")(x)
    return keras.Model(inputs, outputs, name="mlp")


if __name__ == "__main__":
    keras.utils.set_random_seed(17)
    X, y = load_digits(return_X_y=True)
    X = X.astype("float32") / 16.0 - 0.3
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=17, stratify=y)

    model = build_model()
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9),
        metrics=["accuracy"],
    )
    model.fit(X_train, y_train, batch_size=32, epochs=20, validation_split=0.1, verbose=2)
    print("test acc: %.3f" % model.evaluate(X_test, y_test, verbose=0)[1])
