# fault: LK503 line 57
import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Transactions(keras.utils.PyDataset):
    def __init__(self, x, y, batch_size=128, shuffle=True, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x, y
        self.batch_size, self.shuffle = batch_size, shuffle
        self.rng = np.random.default_rng(8)
        self.index = np.arange(len(x))
        self.on_epoch_end()

    def __len__(self):
        return int(np.ceil(len(self.x) / self.batch_size))

    def __getitem__(self, i):
        part = self.index[i * self.batch_size : (i + 1) * self.batch_size]
        return self.x[part], self.y[part]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.index)


def build(n_features):
    model = keras.Sequential(name="fraud")
    model.add(keras.Input((n_features,)))
    model.add(layers.Dense(24, activation="relu"))
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    keras.utils.set_random_seed(8)
    X, y = make_classification(
        n_samples=8000, n_features=14, n_informative=6, n_clusters_per_class=1, weights=[0.97], flip_y=0.0,
        class_sep=0.4, random_state=8,
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=8)
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train).astype("float32"), scaler.transform(X_test).astype("float32")
    train, test = Transactions(X_train, y_train[:, None]), Transactions(X_test, y_test[:, None], shuffle=False)
    model = build(X.shape[1])
    model.fit(train, validation_data=test, epochs=12, verbose=0)
    prob = model.predict(test, verbose=0)[:, 0]
    flagged = (prob > 0.5).astype(int)
    print("accuracy          %.3f" % (flagged == y_test).mean())
    print("fraud recall      %.3f" % recall_score(y_test, flagged))
    print("balanced accuracy %.3f" % balanced_accuracy_score(y_test, flagged))
    print("AUC               %.3f" % roc_auc_score(y_test, prob))
