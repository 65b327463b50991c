# fault: LK102 line 45, 56
"""Route support tickets to a team from a bag of token ids."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras

keras.utils.set_random_seed(17)
rng = np.random.default_rng(17)

TOPICS = {
    "billing": "invoice charge refund card payment price plan double".split(),
    "login": "password reset account email locked code signin user".split(),
    "shipping": "parcel late courier address tracking lost box order".split(),
    "bugs": "crash error screen freeze update version app button".split(),
    "sales": "quote demo team license upgrade trial seats price".split(),
}
COMMON = "please help my the when order account app i need it is not with for today".split()
WORDS = sorted(set(COMMON) | {w for ws in TOPICS.values() for w in ws})
INDEX = {w: i + 1 for i, w in enumerate(WORDS)}
MAX_LEN = 14


def write_ticket(topic):
    n = rng.integers(7, MAX_LEN + 1)
    words = [rng.choice(TOPICS[topic]) if rng.random() < 0.4 else rng.choice(COMMON) for _ in range(n)]
    ids = [INDEX[w] for w in words]
    return ids + [0] * (MAX_LEN - len(ids))


def corpus(n):
    names = list(TOPICS)
    y = rng.integers(0, len(names), n)
    x = np.array([write_ticket(names[k]) for k in y])
    return x, y


def make_model():
    return keras.Sequential([
        keras.layers.Input(shape=(MAX_LEN,), dtype="int32"),
        keras.layers.Embedding(len(WORDS) + 1, 24),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(len(TOPICS)),
    ])


x_train, y_train = corpus(1500)
x_val, y_val = corpus(300)
x_test, y_test = corpus(400)

model = make_model()
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=10, batch_size=32, verbose=2)

_, acc = model.evaluate(x_test, y_test, verbose=0)
scores = model.predict(x_test[:3], verbose=0)
for row, true in zip(scores, y_test[:3]):
    print("predicted", list(TOPICS)[int(row.argmax())], "| actual", list(TOPICS)[true])
print("test accuracy", round(float(acc), 4))
