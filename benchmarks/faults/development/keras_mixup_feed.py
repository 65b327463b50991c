# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class MixUp(keras.utils.PyDataset):
    def __init__(self, x, y, batch=64, alpha=0.4, **kw):
        super().__init__(**kw)
        self.x, self.y, self.batch, self.alpha = x, y, batch, alpha
        self.rng = np.random.default_rng(11)
        self.order = self.rng.permutation(len(x))

    def __len__(self):
        return len(self.x) // self.batch

    def __getitem__(self, i):
        a = self.order[i * self.batch : (i + 1) * self.batch]
        b = self.rng.permutation(a)
        lam = self.rng.beta(self.alpha, self.alpha, size=(len(a), 1)).astype("float32")
        return lam * self.x[a] + (1 - lam) * self.x[b], lam * self.y[a] + (1 - lam) * self.y[b]

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.x))


keras.utils.set_random_seed(11)
x, y = load_digits(return_X_y=True)
x, y = (x / 16.0).astype("float32"), keras.utils.to_categorical(y).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.2, random_state=11)
model = keras.Sequential([keras.Input((64,)), layers.Dense(96, activation="relu"), layers.Dense(48, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile(keras.optimizers.Adam(2e-3), "categorical_crossentropy", metrics=["accuracy"])
model.fit(MixUp(x_tr, y_tr), epochs=30, validation_data=(x_te, y_te), verbose=2)
print("accuracy %.3f" % model.evaluate(x_te, y_te, verbose=0)[1])
