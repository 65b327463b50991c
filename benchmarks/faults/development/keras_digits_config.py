# fault: LK401 line 13, 25
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

CONFIG = {
    "seed": 100,
    "hidden": (96, 64),
    "lr": 0.3,
    "batch_size": 32,
    "epochs": 20,
}


def make_model(cfg):
    model = keras.Sequential([keras.Input((64,))])
    for units in cfg["hidden"]:
        model.add(layers.Dense(units, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=cfg["lr"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main(cfg):
    keras.utils.set_random_seed(cfg["seed"])
    x, y = load_digits(return_X_y=True)
    x = x.astype("float32") / 16
    x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=cfg["seed"], test_size=0.2, stratify=y)
    model = make_model(cfg)
    model.fit(
        x_train,
        y_train,
        batch_size=cfg["batch_size"],
        epochs=cfg["epochs"],
        validation_data=(x_test, y_test),
        verbose=2,
    )
    loss, acc = model.evaluate(x_test, y_test, verbose=0)
    print(f"loss={loss:.3f} acc={acc:.3f}")


main(CONFIG)
