# fault: LK503 line 35, 46
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
from keras import layers
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(77)


def load_transactions():
    rng = np.random.default_rng(12)
    y = (rng.random(6000) < 0.04).astype("int64")
    X = rng.normal(size=(6000, 12))
    X[:, :4] += 1.1 * y[:, None]
    X = X @ rng.normal(size=(12, 12)) + rng.uniform(-5, 5, 12)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=1)
    sc = StandardScaler().fit(X_tr)
    return sc.transform(X_tr), sc.transform(X_te), y_tr, y_te


def make_model(n):
    model = keras.Sequential([
        keras.Input((n,)),
        layers.Dense(8, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss="binary_crossentropy",
        metrics=["accuracy", keras.metrics.Recall(name="recall")],
    )
    return model


X_tr, X_te, y_tr, y_te = load_transactions()
neg, pos = np.bincount(y_tr)
print(f"transactions: {len(y_tr)}  fraud: {pos} ({100 * pos / len(y_tr):.2f}%)")

model = make_model(X_tr.shape[1])
model.fit(X_tr, y_tr, epochs=20, batch_size=64, validation_split=0.15, verbose=2)

pred = (model.predict(X_te, verbose=0).ravel() > 0.5).astype(int)
print(confusion_matrix(y_te, pred))
print("fraud recall      %.3f" % recall_score(y_te, pred))
print("balanced accuracy %.3f" % balanced_accuracy_score(y_te, pred))
