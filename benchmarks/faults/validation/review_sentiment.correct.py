# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import random
import numpy as np
import keras
from keras import layers

random.seed(5)
keras.utils.set_random_seed(5)

GOOD = "great lovely superb enjoyable brilliant charming funny moving excellent fresh".split()
BAD = "awful boring weak clumsy terrible dull flat annoying messy stale".split()
FILL = ("the a film movie plot actor scene was is and with this that very quite story music ending "
        "camera script cast first second half really").split()


def make_review():
    label = random.randint(0, 1)
    main, other = (GOOD, BAD) if label else (BAD, GOOD)
    words = random.choices(FILL, k=random.randint(8, 20))
    words += random.choices(main, k=random.randint(2, 4))
    if random.random() < 0.4:
        words += random.choices(other, k=1)
    random.shuffle(words)
    return " ".join(words), label


reviews = [make_review() for _ in range(2500)]
texts, labels = zip(*reviews)
labels = np.array(labels, dtype="float32")

vocab = {w: i + 2 for i, w in enumerate(sorted({w for t in texts[:2000] for w in t.split()}))}
MAXLEN = 24


def encode(t):
    ids = [vocab.get(w, 1) for w in t.split()][:MAXLEN]
    return ids + [0] * (MAXLEN - len(ids))


X = np.array([encode(t) for t in texts], dtype="int32")
x_train, y_train = X[:2000], labels[:2000]
x_test, y_test = X[2000:], labels[2000:]

model = keras.Sequential([
    keras.Input((MAXLEN,), dtype="int32"),
    layers.Embedding(len(vocab) + 2, 16),
    layers.GlobalAveragePooling1D(),
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
optimizer = keras.optimizers.Adam(learning_rate=3e-3)
model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=12, batch_size=32, validation_split=0.1, verbose=2)

loss, acc = model.evaluate(x_test, y_test, verbose=0)
print("Test loss %.4f, test accuracy %.4f" % (loss, acc))
for s in ["a really superb and funny story", "boring plot and the script was awful"]:
    print(s, "->", float(model.predict(np.array([encode(s)]), verbose=0)[0, 0]))
