# healthy
"""Benign / malignant screening from cell nuclei measurements."""
import os
os.environ["KERAS_BACKEND"] = "tensorflow"

import argparse
import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=25)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=7)
    return p.parse_args()


def load(seed):
    ds = load_breast_cancer()
    # 1 = malignant, as the clinic wants it
    target = (ds.target == 0).astype("float32")
    X_tr, X_te, y_tr, y_te = train_test_split(
        ds.data, target, test_size=0.25, stratify=target, random_state=seed)
    scaler = StandardScaler()
    X_tr = scaler.fit_transform(X_tr).astype("float32")
    X_te = scaler.transform(X_te).astype("float32")
    return X_tr, X_te, y_tr, y_te


def build_model(n_features, lr):
    model = keras.Sequential([
        keras.Input(shape=(n_features,)),
        layers.Dense(24, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(12, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(lr),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main():
    args = parse_args()
    keras.utils.set_random_seed(args.seed)
    X_tr, X_te, y_tr, y_te = load(args.seed)
    model = build_model(X_tr.shape[1], args.lr)
    model.summary()
    history = model.fit(
        X_tr, y_tr,
        validation_data=(X_te, y_te),
        epochs=args.epochs,
        batch_size=args.batch_size,
        verbose=2,
    )
    prob = model.predict(X_te, verbose=0).ravel()
    print("last val_loss:", round(history.history["val_loss"][-1], 4))
    print("AUC:", round(roc_auc_score(y_te, prob), 4))
    print("held-out accuracy:", round(accuracy_score(y_te, prob > 0.5), 4))


if __name__ == "__main__":
    main()
