# fault: LK306 line 17
"""Garment sizes: a configurable MLP trained from the command line."""
import argparse

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--layers", type=int, nargs="+", default=[64, 32])
    p.add_argument("--activation", default="relu")
    p.add_argument("--initializer", default="zeros")
    p.add_argument("--dropout", type=float, default=0.1)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--seed", type=int, default=6)
    return p.parse_args()


def get_data(seed):
    x, y = make_classification(n_samples=1500, n_features=16, n_informative=12, n_redundant=2,
                               n_classes=4, n_clusters_per_class=1, class_sep=1.8, random_state=seed)
    x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.2, random_state=seed)
    scaler = StandardScaler()
    return scaler.fit_transform(x_tr), scaler.transform(x_te), y_tr, y_te


def make_mlp(args, n_in, n_out):
    model = keras.Sequential(name="mlp")
    model.add(keras.Input((n_in,)))
    for width in args.layers:
        model.add(layers.Dense(width, activation=args.activation, kernel_initializer=args.initializer))
        model.add(layers.Dropout(args.dropout))
    model.add(layers.Dense(n_out, activation="softmax"))
    return model


def main():
    args = parse_args()
    keras.utils.set_random_seed(args.seed)
    x_tr, x_te, y_tr, y_te = get_data(args.seed)
    model = make_mlp(args, x_tr.shape[1], 4)
    model.compile(keras.optimizers.Adam(args.lr), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_tr, y_tr, validation_split=0.15, epochs=args.epochs, batch_size=args.batch_size, verbose=2)
    acc = np.mean(model.predict(x_te, verbose=0).argmax(1) == y_te)
    print("test accuracy %.3f" % acc)


if __name__ == "__main__":
    main()
