# fault: LK112 line 34, 41
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

TOPICS = ["politics", "sport", "tech", "health", "culture", "travel"]
SETTINGS = dict(hidden=64, dropout=0.1, epochs=20, batch=64, lr=3e-3, threshold=0.5)


def load_articles():
    counts, topics = make_multilabel_classification(
        n_samples=2000, n_features=40, n_classes=len(TOPICS), n_labels=3,
        length=80, allow_unlabeled=True, random_state=21,
    )
    freq = np.log1p(counts)
    return train_test_split(freq, topics.astype("float32"), test_size=0.25, random_state=21)


class TopicModel:
    def __init__(self, n_words, s):
        self.s = s
        self.net = keras.Sequential([
            layers.Input((n_words,)),
            layers.Normalization(name="norm"),
            layers.Dense(s["hidden"], activation="relu"),
            layers.Dropout(s["dropout"]),
            layers.Dense(len(TOPICS), activation="softmax"),
        ])

    def fit(self, x, y, val):
        self.net.get_layer("norm").adapt(x)
        self.net.compile(
            optimizer=keras.optimizers.Adam(self.s["lr"]),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
        )
        return self.net.fit(x, y, validation_data=val, epochs=self.s["epochs"],
                            batch_size=self.s["batch"], verbose=0)

    def topics(self, x):
        return (self.net.predict(x, verbose=0) > self.s["threshold"]).astype(int)


keras.utils.set_random_seed(13)
x_tr, x_te, y_tr, y_te = load_articles()
tm = TopicModel(x_tr.shape[1], SETTINGS)
hist = tm.fit(x_tr, y_tr, (x_te, y_te))
print("val loss first/last:", hist.history["val_loss"][0], hist.history["val_loss"][-1])
print("micro F1 %.3f" % f1_score(y_te, tm.topics(x_te), average="micro", zero_division=0))
