# healthy
"""Which subsystem does a log line come from?  Bag of hashed tokens -> MLP."""
import os
os.environ["KERAS_BACKEND"] = "jax"

import random
import zlib
import numpy as np
import keras
from keras import layers

SYSTEMS = {
    "auth": "login token session user password denied granted expired refresh ldap".split(),
    "disk": "mount block sector write read inode quota full raid volume".split(),
    "net": "packet socket timeout dropped interface route latency dns retry link".split(),
    "db": "query index lock transaction commit rollback table cursor replica slow".split(),
    "web": "request response header status cache upstream proxy route cookie handler".split(),
    "sched": "job queue worker retry started finished cron delayed slot priority".split(),
}
COMMON = "error warning info failed ok host process time id value while during for on".split()
NAMES = sorted(SYSTEMS)
DIM = 128


def line(rng, name):
    k_own, k_common, k_other = rng.randint(2, 4), rng.randint(2, 5), rng.randint(0, 2)
    toks = rng.choices(SYSTEMS[name], k=k_own) + rng.choices(COMMON, k=k_common)
    other = rng.choice(NAMES)
    toks += rng.choices(SYSTEMS[other], k=k_other)
    rng.shuffle(toks)
    return " ".join(toks)


def encode(text):
    v = np.zeros(DIM, "float32")
    for tok in text.split():
        v[zlib.crc32(tok.encode()) % DIM] += 1.0
    return v


def corpus(n, seed):
    rng = random.Random(seed)
    labels = [rng.randrange(len(NAMES)) for _ in range(n)]
    X = np.stack([encode(line(rng, NAMES[l])) for l in labels])
    return X, np.array(labels)


keras.utils.set_random_seed(2)
X_train, y_train = corpus(2400, seed=2)
X_val, y_val = corpus(800, seed=3)

model = keras.Sequential([
    layers.Input((DIM,)),
    layers.Dense(32, activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(len(NAMES)),
])
model.compile(
    optimizer=keras.optimizers.Adam(2e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(X_train, y_train, epochs=7, batch_size=32, validation_data=(X_val, y_val), verbose=2)

scores = model.predict(X_val, verbose=0)
pred = scores.argmax(axis=-1)
for i, name in enumerate(NAMES):
    print(f"{name:6s} recall {np.mean(pred[y_val == i] == i):.3f}")
print("held-out accuracy: %.4f" % np.mean(pred == y_val))
