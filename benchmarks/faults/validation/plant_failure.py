# fault: LK508 line 30, 31
"""Predict machine failure from sensor summaries (synthetic plant data)."""
import os
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from sklearn.metrics import balanced_accuracy_score


def simulate(n=2400, seed=5):
    rng = np.random.default_rng(seed)
    temp = rng.normal(68, 7, n)
    vib = rng.gamma(3, 0.4, n)
    load = rng.uniform(0.2, 1.0, n)
    hours = rng.exponential(900, n)
    press = 2.1 + 0.8 * load + rng.normal(0, 0.1, n)
    z = 0.16 * (temp - 68) + 1.5 * (vib - 1.2) + 2.4 * (load - 0.6) + 0.0006 * (hours - 900)
    fail = (z + 0.4 * rng.normal(size=n) > 0).astype("float32")
    feats = np.column_stack([temp, vib, load, hours, press])
    return feats, fail


def normalise(train, *others):
    mu, sd = train.mean(0), train.std(0)
    return [((a - mu) / sd).astype("float32") for a in (train, *others)]


def shuffle_in_unison(a, b, seed):
    rng = np.random.default_rng(seed)
    a = a[rng.permutation(len(a))]
    b = b[rng.permutation(len(b))]
    return a, b


feats, fail = simulate()
n_test = 600
test_x, test_y = feats[:n_test], fail[:n_test]
train_x, train_y = shuffle_in_unison(feats[n_test:], fail[n_test:], seed=1)
train_x, test_x = normalise(train_x, test_x)
print("failure share  train %.3f  test %.3f" % (train_y.mean(), test_y.mean()))

keras.utils.set_random_seed(1)
model = keras.Sequential([
    keras.layers.Input((train_x.shape[1],)),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(16, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])

EPOCHS = 20
h = model.fit(train_x, train_y, batch_size=32, epochs=EPOCHS, verbose=0,
              validation_data=(test_x, test_y)).history
for epoch in range(EPOCHS):
    print(f"epoch {epoch + 1}/{EPOCHS} loss {h['loss'][epoch]:.4f} "
          f"test loss {h['val_loss'][epoch]:.4f} auc {h['val_auc'][epoch]:.3f}")

pred = (model.predict(test_x, verbose=0).ravel() > 0.5).astype(int)
print("held-out balanced accuracy:", round(balanced_accuracy_score(test_y, pred), 4))
