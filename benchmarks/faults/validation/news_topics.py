# fault: LK112 line 55, 57
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import f1_score
from sklearn.preprocessing import MultiLabelBinarizer

keras.utils.set_random_seed(6)
rng = np.random.default_rng(6)

TOPICS = {
    "sport": "match team goal coach league player season".split(),
    "finance": "market bank shares profit rate investor bond".split(),
    "health": "hospital vaccine patient doctor trial drug virus".split(),
    "tech": "software chip startup cloud phone robot data".split(),
    "politics": "minister vote parliament party law election policy".split(),
}
COMMON = "said new year people first week report after over group according plan".split()


def article():
    k = rng.choice([1, 2, 3, 4], p=[0.2, 0.3, 0.3, 0.2])
    tags = list(rng.choice(list(TOPICS), k, replace=False))
    words = list(rng.choice(COMMON, 12))
    for t in tags:
        words += list(rng.choice(TOPICS[t], rng.integers(2, 4)))
    rng.shuffle(words)
    return " ".join(words), tags


docs, tags = zip(*(article() for _ in range(2500)))
vocab = sorted({w for d in docs for w in d.split()})
index = {w: i for i, w in enumerate(vocab)}


def bag(doc):
    v = np.zeros(len(vocab), dtype="float32")
    for w in doc.split():
        v[index[w]] = 1.0
    return v


X = np.stack([bag(d) for d in docs])
mlb = MultiLabelBinarizer()
Y = mlb.fit_transform(tags).astype("float32")
print("labels:", list(mlb.classes_), "mean labels per doc: %.2f" % Y.sum(1).mean())

model = keras.Sequential([
    keras.Input((len(vocab),)),
    layers.Dense(32, activation="relu"),
    layers.Dropout(0.3),
    layers.Dense(Y.shape[1], activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(X[:2000], Y[:2000], validation_split=0.1, epochs=20, batch_size=32, verbose=2)

pred = (model.predict(X[2000:], verbose=0) > 0.5).astype(int)
print("micro F1: %.3f" % f1_score(Y[2000:], pred, average="micro", zero_division=0))
print("macro F1: %.3f" % f1_score(Y[2000:], pred, average="macro", zero_division=0))
