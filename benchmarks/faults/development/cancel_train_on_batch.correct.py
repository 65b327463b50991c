# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def subscribers():
    X, y = make_classification(n_samples=6000, n_features=12, n_informative=6, n_redundant=2,
                               n_clusters_per_class=2, weights=[0.97], class_sep=0.9,
                               flip_y=0.0, random_state=17)
    return train_test_split(X, y, test_size=0.3, stratify=y, random_state=17)


def main(epochs=12, batch_size=64):
    keras.utils.set_random_seed(17)
    X_train, X_test, y_train, y_test = subscribers()
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train).astype("float32")
    X_test = scaler.transform(X_test).astype("float32")
    print("cancelled in training:", int(y_train.sum()), "of", len(y_train))

    model = keras.Sequential([
        keras.Input((12,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy")
    positives = y_train.mean()
    weights = {0: 0.5 / (1 - positives), 1: 0.5 / positives}

    rng = np.random.default_rng(0)
    for epoch in range(epochs):
        order = rng.permutation(len(X_train))
        total = 0.0
        for i in range(0, len(order), batch_size):
            rows = order[i:i + batch_size]
            total += float(model.train_on_batch(X_train[rows], y_train[rows], class_weight=weights)) * len(rows)
        guess = model.predict(X_test, verbose=0)[:, 0] > 0.5
        print(f"epoch {epoch + 1:2d} loss {total / len(order):.4f} "
              f"recall {recall_score(y_test, guess):.3f} "
              f"balanced accuracy {balanced_accuracy_score(y_test, guess):.3f}")


if __name__ == "__main__":
    main()
