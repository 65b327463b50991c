# fault: LK103 line 35
import os
os.environ["KERAS_BACKEND"] = "jax"

import argparse

import keras
from sklearn.datasets import make_classification
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser(description="Will a loan be repaid?")
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--units", type=int, default=32)
args = parser.parse_args()

keras.utils.set_random_seed(7)


def load():
    X, y = make_classification(n_samples=4000, n_features=14, n_informative=8, n_redundant=2,
                               class_sep=1.4, flip_y=0.0, random_state=4)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=4, stratify=y)
    scaler = StandardScaler().fit(X_train)
    return (scaler.transform(X_train).astype("float32"), y_train.astype("float32"),
            scaler.transform(X_test).astype("float32"), y_test.astype("float32"))


def build(n_features):
    applicant = keras.Input(shape=(n_features,), name="applicant")
    x = keras.layers.Dense(args.units, activation="relu")(applicant)
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.Dense(args.units // 2, activation="relu")(x)
    default = keras.layers.Dense(1, activation="softmax", name="default")(x)
    return keras.Model(applicant, default)


X_train, y_train, X_test, y_test = load()
model = build(X_train.shape[1])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=2e-3),
              loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, validation_data=(X_test, y_test),
          epochs=args.epochs, batch_size=32, verbose=2)

predicted = (model.predict(X_test, verbose=0)[:, 0] > 0.5).astype(int)
print("test accuracy %.3f  F1 %.3f" % (accuracy_score(y_test, predicted), f1_score(y_test, predicted)))
