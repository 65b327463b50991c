# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(42)

# ---- data
data = load_breast_cancer()
X = data.data.astype("float32")
y = data.target.astype("float32")

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=42)
sc = StandardScaler()
X_train = sc.fit_transform(X_train)
X_test = sc.transform(X_test)

print("train", X_train.shape, "test", X_test.shape, "positives", y_train.mean())

# ---- model
model = keras.Sequential([
    layers.Input(shape=(30,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(8, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.summary()

model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.002),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)

# ---- training
history = model.fit(
    X_train, y_train,
    validation_data=(X_test, y_test),
    epochs=20,
    batch_size=32,
    verbose=2,
)

# ---- results
loss, acc = model.evaluate(X_test, y_test, verbose=0)
proba = model.predict(X_test, verbose=0)
print(classification_report(y_test, (proba[:, 0] > 0.5).astype(int), zero_division=0))
print(f"test loss {loss:.4f}  test accuracy {acc:.4f}")
