# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(20)
d = load_digits()
x = (d.data / 16.0).astype("float32")
ink = d.data.sum(1)
ink = ((ink - ink.mean()) / ink.std()).astype("float32")
order = np.random.permutation(len(x))
tr, te = order[:1400], order[1400:]


def warm(epoch, lr):
    return 2e-3 * min(1.0, (epoch + 1) / 5) * (1.0 if epoch < 18 else 0.2)


inp = keras.Input((64,))
h = layers.Dense(64, activation="relu")(inp)
h = layers.Dense(32, activation="relu")(h)
digit = layers.Dense(10, activation="softmax", name="digit")(h)
amount = layers.Dense(1, name="ink")(h)
model = keras.Model(inp, {"digit": digit, "ink": amount})
model.compile(
    keras.optimizers.Adam(2e-3),
    loss={"digit": "sparse_categorical_crossentropy", "ink": "huber"},
    loss_weights={"digit": 1.0, "ink": 20.0},
    metrics={"digit": ["accuracy"], "ink": ["mae"]},
)
model.fit(x[tr], {"digit": d.target[tr], "ink": ink[tr]}, epochs=25, batch_size=32, verbose=2, callbacks=[keras.callbacks.LearningRateScheduler(warm)])
p = model.predict(x[te], verbose=0)
acc = np.mean(p["digit"].argmax(1) == d.target[te])
r2 = 1 - np.mean((p["ink"][:, 0] - ink[te]) ** 2) / np.var(ink[te])
print("digit accuracy %.3f, ink R2 %.3f" % (acc, r2))
