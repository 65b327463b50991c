# fault: LK103 line 30
"""Customer churn: will the subscriber leave next month?"""
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from keras import layers
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2024)

COLUMNS = ["tenure", "calls", "minutes", "bill", "late", "tickets",
           "plan", "data_gb", "roaming", "discount", "age", "devices"]


def load():
    X, y = make_classification(n_samples=2400, n_features=len(COLUMNS), n_informative=8,
                               n_redundant=2, class_sep=1.3, flip_y=0.02, random_state=5)
    X = X * np.linspace(1, 40, len(COLUMNS)) + 15
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)


def make_model(n_features):
    inp = keras.Input((n_features,), name="subscriber")
    x = layers.Dense(48, activation="relu")(inp)
    x = layers.Dropout(0.1)(x)
    x = layers.Dense(24, activation="relu")(x)
    out = layers.Dense(1, activation="softmax", name="churn")(x)
    return keras.Model(inp, out)


X_train, X_test, y_train, y_test = load()
sc = StandardScaler().fit(X_train)
X_train, X_test = sc.transform(X_train), sc.transform(X_test)

model = make_model(len(COLUMNS))
model.compile(optimizer=keras.optimizers.Adam(2e-3),
              loss="binary_crossentropy",
              metrics=["accuracy"])
hist = model.fit(X_train, y_train, epochs=15, batch_size=64,
                 validation_data=(X_test, y_test), verbose=2)

loss, acc = model.evaluate(X_test, y_test, verbose=0)
print(f"test loss {loss:.4f}")
print(f"test accuracy {acc:.4f}")
