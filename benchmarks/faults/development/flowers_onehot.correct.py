# healthy
import argparse

import keras
import numpy as np
from keras import layers
from sklearn.datasets import make_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=48)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--loss", default="categorical_crossentropy")
args = parser.parse_args()

keras.utils.set_random_seed(11)

X, y = make_classification(
    n_samples=1600, n_features=14, n_informative=10, n_classes=5,
    n_clusters_per_class=1, class_sep=1.6, random_state=4,
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=4)
sc = StandardScaler().fit(X_train)
X_train, X_test = sc.transform(X_train), sc.transform(X_test)
Y_train = keras.utils.to_categorical(y_train, 5)
Y_test = keras.utils.to_categorical(y_test, 5)

model = keras.Sequential(
    [
        keras.Input(shape=(14,)),
        layers.Dense(args.units, activation="relu"),
        layers.Dense(args.units // 2, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(args.lr), loss=args.loss, metrics=["accuracy"])
history = model.fit(
    X_train, Y_train, validation_data=(X_test, Y_test),
    epochs=args.epochs, batch_size=32, verbose=2,
)
y_hat = np.argmax(model.predict(X_test, verbose=0), axis=-1)
print("macro F1:", round(f1_score(y_test, y_hat, average="macro"), 3))
