# healthy
"""CNN with mixup from a PyDataset, label smoothing and cosine restarts."""
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BATCH = 32
ALPHA = 0.2


class MixupSequence(keras.utils.PyDataset):
    def __init__(self, x, y, batch, alpha, seed=0):
        super().__init__()
        self.x, self.y, self.batch, self.alpha = x, y, batch, alpha
        self.rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.x))

    def __len__(self):
        return len(self.x) // self.batch

    def __getitem__(self, i):
        idx = self.order[i * self.batch:(i + 1) * self.batch]
        x, y = self.x[idx], self.y[idx]
        lam = self.rng.beta(self.alpha, self.alpha)
        mate = self.rng.permutation(len(idx))
        return lam * x + (1 - lam) * x[mate], lam * y + (1 - lam) * y[mate]


keras.utils.set_random_seed(15)
x, y = load_digits(return_X_y=True)
x = (x / 16.0).reshape(-1, 8, 8, 1).astype("float32")
x_tr, x_te, y_tr, y_te = train_test_split(x, keras.utils.to_categorical(y), test_size=0.25, random_state=15, stratify=y)

train = MixupSequence(x_tr, y_tr.astype("float32"), BATCH, ALPHA)
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(24, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(64, activation="relu"),
    layers.Dense(10),
])
cycle = 5 * len(train)
model.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecayRestarts(4e-3, cycle, t_mul=1.0, m_mul=0.8, alpha=0.02)),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    metrics=["accuracy"],
)
h = model.fit(train, validation_data=(x_te, y_te), epochs=10, verbose=0)
print("train loss", np.round(h.history["loss"], 3))
print("val accuracy", np.round(h.history["val_accuracy"], 3))
print("final %.3f" % h.history["val_accuracy"][-1])
