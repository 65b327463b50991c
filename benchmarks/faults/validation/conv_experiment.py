# fault: LK401 line 18, 52
import os
os.environ["KERAS_BACKEND"] = "jax"
import json
import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_digits

CONFIG = {
    "seed": 0,
    "filters": [16, 32],
    "dense": 64,
    "dropout": 0.25,
    "batch_size": 32,
    "epochs": 10,
    "optimizer": "adam",
    "lr": 0.1,
}


class Experiment:
    def __init__(self, config):
        self.cfg = config
        keras.utils.set_random_seed(config["seed"])
        self._load()
        self.model = self._model()

    def _load(self):
        x, y = load_digits(return_X_y=True)
        x = (x / 16.0).reshape(-1, 8, 8, 1).astype("float32")
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        self.train = (x[:1300], y[:1300])
        self.val = (x[1300:1500], y[1300:1500])
        self.test = (x[1500:], y[1500:])

    def _model(self):
        m = keras.Sequential([keras.Input((8, 8, 1))])
        for f in self.cfg["filters"]:
            m.add(layers.Conv2D(f, 3, padding="same", activation="relu"))
            m.add(layers.MaxPooling2D())
        m.add(layers.Flatten())
        m.add(layers.Dense(self.cfg["dense"], activation="relu"))
        m.add(layers.Dropout(self.cfg["dropout"]))
        m.add(layers.Dense(10, activation="softmax"))
        return m

    def run(self):
        opt = keras.optimizers.get({
            "class_name": self.cfg["optimizer"],
            "config": {"learning_rate": self.cfg["lr"]},
        })
        self.model.compile(opt, "sparse_categorical_crossentropy", metrics=["accuracy"])
        h = self.model.fit(
            *self.train,
            validation_data=self.val,
            batch_size=self.cfg["batch_size"],
            epochs=self.cfg["epochs"],
            verbose=0,
        ).history
        for i, (a, b) in enumerate(zip(h["loss"], h["val_accuracy"])):
            print(f"[{i + 1:02d}] loss={a:.4f} val_acc={b:.4f}")
        return self.model.evaluate(*self.test, verbose=0)


if __name__ == "__main__":
    print(json.dumps(CONFIG))
    loss, acc = Experiment(CONFIG).run()
    print("test accuracy", round(float(acc), 4))
