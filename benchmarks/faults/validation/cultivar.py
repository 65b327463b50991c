# fault: LK505 line 35, 56
import argparse
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pandas as pd
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=16)
    p.add_argument("--seed", type=int, default=11)
    return p.parse_args()


def load_frame():
    bunch = load_wine(as_frame=True)
    df = bunch.frame.copy()
    df["target"] = df["target"].astype("category")
    return df


def prepare(df, seed):
    X = df.drop(columns="target")
    y = df["target"].cat.codes.to_numpy().astype("int64")
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
    return X_tr.to_numpy(dtype="float32"), X_te.to_numpy(dtype="float32"), y_tr, y_te


def build(n_features, n_classes):
    inp = keras.Input(shape=(n_features,))
    x = layers.Dense(24, activation="relu")(inp)
    x = layers.Dense(12, activation="relu")(x)
    out = layers.Dense(n_classes, activation="softmax")(x)
    return keras.Model(inp, out)


def main():
    args = get_args()
    keras.utils.set_random_seed(args.seed)
    x_tr, x_te, y_tr, y_te = prepare(load_frame(), args.seed)
    model = build(x_tr.shape[1], len(np.unique(y_tr)))
    model.compile(
        optimizer=keras.optimizers.SGD(args.lr, momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_tr, y_tr, epochs=args.epochs, batch_size=args.batch_size,
              validation_data=(x_te, y_te), verbose=2)
    pred = model.predict(x_te, verbose=0).argmax(1)
    print(pd.crosstab(y_te, pred, rownames=["true"], colnames=["pred"]))
    print("accuracy = %.3f" % (pred == y_te).mean())


if __name__ == "__main__":
    main()
