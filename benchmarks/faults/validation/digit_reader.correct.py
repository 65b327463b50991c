# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(1234)

NUM_CLASSES = 10
INPUT_SHAPE = (8, 8, 1)
BATCH = 64
EPOCHS = 15


def load():
    digits = load_digits()
    x = digits.images.astype("float32") / 16.0
    x = np.expand_dims(x, -1)
    return train_test_split(x, digits.target, test_size=0.2, random_state=1, stratify=digits.target)


def build_model():
    return keras.Sequential(
        [
            keras.Input(shape=INPUT_SHAPE),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(NUM_CLASSES),
        ],
        name="digit_reader",
    )


def main():
    x_train, x_test, y_train, y_test = load()
    print("x_train shape:", x_train.shape, "test samples:", len(x_test))
    model = build_model()
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        x_train,
        y_train,
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(x_test, y_test),
        verbose=2,
    )
    loss, acc = model.evaluate(x_test, y_test, verbose=0)
    print(f"Test loss: {loss:.4f}")
    print(f"Test accuracy: {acc:.4f}")


if __name__ == "__main__":
    main()
