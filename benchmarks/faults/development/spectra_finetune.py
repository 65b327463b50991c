# fault: LK305 line 46
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import layers
from sklearn.metrics import accuracy_score

keras.utils.set_random_seed(99)
rng = np.random.default_rng(99)
LENGTH = 48
grid = np.linspace(0, 1, LENGTH)


def spectra(n, centres, width):
    """Noisy one-peak spectra; the class is the place of the peak."""
    cls = rng.integers(0, len(centres), n)
    pos = np.array(centres)[cls] + rng.normal(0, 0.015, n)
    amp = rng.uniform(0.8, 1.4, n)
    s = amp[:, None] * np.exp(-(grid[None] - pos[:, None]) ** 2 / (2 * width ** 2))
    return (s + rng.normal(0, 0.15, s.shape)).astype("float32"), cls


# ---- source instrument: six compounds
xs, ys = spectra(1500, [0.1, 0.25, 0.4, 0.55, 0.7, 0.85], 0.04)
source = keras.Sequential([
    layers.Input((LENGTH,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(6, activation="softmax"),
], name="source")
source.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
source.fit(xs, ys, epochs=8, batch_size=50, verbose=0)
print("source accuracy", source.evaluate(xs, ys, verbose=0)[1])

# ---- new instrument: four compounds
x_tr, y_tr = spectra(600, [0.15, 0.35, 0.6, 0.8], 0.05)
x_va, y_va = spectra(300, [0.15, 0.35, 0.6, 0.8], 0.05)

features = source.layers[-2].output
hidden = layers.Dense(32, activation="relu", name="new_hidden")(features)
outputs = layers.Dense(4, activation="softmax", name="new_out")(hidden)
model = keras.Model(source.inputs, outputs, name="target")

# keep what was learned on the old instrument
for layer in model.layers:
    layer.trainable = False

model.compile(optimizer=keras.optimizers.Adam(2e-3),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
for block in range(3):
    h = model.fit(x_tr, y_tr, epochs=5, batch_size=32, verbose=0,
                  validation_data=(x_va, y_va))
    print("after", 5 * (block + 1), "epochs:", h.history["loss"][-1],
          h.history["val_accuracy"][-1])

pred = model.predict(x_va, verbose=0).argmax(axis=1)
print("validation accuracy", accuracy_score(y_va, pred))
