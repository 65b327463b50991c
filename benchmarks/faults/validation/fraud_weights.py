# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def load():
    X, y = make_classification(n_samples=4000, n_features=12, n_informative=6, n_redundant=2,
                               n_clusters_per_class=1, weights=[0.94], class_sep=1.4,
                               flip_y=0.0, random_state=31)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, stratify=y, random_state=31)
    s = StandardScaler().fit(X_tr)
    return s.transform(X_tr).astype("float32"), s.transform(X_te).astype("float32"), y_tr, y_te


def main():
    keras.utils.set_random_seed(31)
    X_tr, X_te, y_tr, y_te = load()
    neg, pos = np.bincount(y_tr)
    print(f"{pos} fraudulent of {len(y_tr)} ({100 * pos / len(y_tr):.1f}%)")
    total = len(y_tr)
    class_weight = {0: total / (2.0 * neg), 1: total / (2.0 * pos)}

    model = keras.Sequential([
        keras.Input((X_tr.shape[1],)),
        layers.Dense(24, activation="relu"),
        layers.Dropout(0.25),
        layers.Dense(12, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(2e-3),
        loss="binary_crossentropy",
        metrics=[keras.metrics.Recall(name="recall"), keras.metrics.AUC(name="prc", curve="PR")],
    )
    model.fit(X_tr, y_tr, epochs=9, batch_size=64, class_weight=class_weight,
              validation_data=(X_te, y_te), verbose=2)

    p = model.predict(X_te, verbose=0).ravel()
    print("average precision: %.4f" % average_precision_score(y_te, p))
    print("held-out balanced accuracy: %.4f" % balanced_accuracy_score(y_te, p > 0.5))


if __name__ == "__main__":
    main()
