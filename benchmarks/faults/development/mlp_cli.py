# fault: LK401 line 17
import argparse
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def parse_args():
    parser = argparse.ArgumentParser("digit classifier")
    parser.add_argument("--units", type=int, nargs="+", default=[128, 64, 32])
    parser.add_argument("--learning-rate", type=float, default=0.3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--seed", type=int, default=99)
    return parser.parse_args()


def load(seed):
    x, y = load_digits(return_X_y=True)
    x = x.astype("float32") / 16.0
    return train_test_split(x, y, test_size=0.2, stratify=y, random_state=seed)


def build_model(units):
    inputs = keras.Input(shape=(64,))
    x = inputs
    for i, width in enumerate(units):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_normal", name=f"hidden_{i}")(x)
    outputs = layers.Dense(10, activation="softmax", name="class_probability")(x)
    return keras.Model(inputs, outputs)


def main():
    args = parse_args()
    keras.utils.set_random_seed(args.seed)
    x_train, x_test, y_train, y_test = load(args.seed)
    model = build_model(args.units)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=args.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
    )
    history = model.fit(
        x_train, y_train, batch_size=args.batch_size, epochs=args.epochs, validation_split=0.1, verbose=0
    )
    print("loss:", np.round(history.history["loss"], 3).tolist())
    print("val acc:", np.round(history.history["val_acc"], 3).tolist())
    test_loss, test_acc = model.evaluate(x_test, y_test, verbose=0)
    print(f"test loss {test_loss:.4f} test accuracy {test_acc:.4f}")


if __name__ == "__main__":
    main()
