# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import pandas as pd
import keras
from keras import layers
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)


def make_customers(n=2400):
    df = pd.DataFrame({
        "tenure": rng.integers(1, 72, n),
        "monthly": rng.normal(65, 25, n).clip(15, 130),
        "calls": rng.poisson(1.6, n),
        "contract": rng.choice(["month", "one_year", "two_year"], n, p=[0.55, 0.25, 0.2]),
        "fiber": rng.integers(0, 2, n),
    })
    month = (df.contract == "month").astype(float)
    scores = np.stack([
        0.05 * (df.tenure - 36) - 0.6 * month,
        -0.05 * (df.tenure - 36) + 0.6 * df.calls + month - 1.5,
        0.06 * (df.monthly - 65) + 1.2 * df.fiber - 0.8,
        -0.06 * (df.monthly - 65) - 0.5 * df.fiber,
    ], axis=1)
    scores = 1.6 * scores + rng.gumbel(0, 0.5, (n, 4))
    df["segment"] = np.array(["loyal", "leaver", "upsell", "saver"])[scores.argmax(1)]
    return df


df = make_customers()
print(df.segment.value_counts(normalize=True))
y, names = pd.factorize(df.pop("segment"), sort=True)
X = pd.get_dummies(df, columns=["contract"]).astype("float32")

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

inputs = keras.Input(shape=(X_train.shape[1],), name="customer")
h = layers.Dense(32, activation="relu")(inputs)
h = layers.Dense(16, activation="relu")(h)
outputs = layers.Dense(len(names), activation="softmax", name="segment")(h)
model = keras.Model(inputs, outputs)
model.summary()

model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(
    X_train, y_train,
    validation_split=0.15,
    epochs=20,
    batch_size=32,
    verbose=2,
)

pred = model.predict(X_test, verbose=0).argmax(axis=1)
print(pd.DataFrame(confusion_matrix(y_test, pred), index=names, columns=names))
print("test accuracy: %.3f" % accuracy_score(y_test, pred))
