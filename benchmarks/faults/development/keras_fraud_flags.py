# fault: LK503 line 31
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
import tensorflow as tf
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

tf.random.set_seed(6)
keras.utils.set_random_seed(6)

rng = np.random.default_rng(6)
y = (rng.random(6000) < 0.03).astype("int64")
X = rng.normal(size=(6000, 12))
X[y == 1, :4] += 0.95
X = X * rng.uniform(1, 50, 12) + rng.uniform(0, 200, 12)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=6, stratify=y)
std = StandardScaler()
X_train = std.fit_transform(X_train)
X_test = std.transform(X_test)
print("share of fraud:", y_train.mean())

model = keras.Sequential()
for _ in range(2):
    model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=12, batch_size=64, verbose=2)

pred = (model.predict(X_test, verbose=0).ravel() > 0.5).astype(int)
print(confusion_matrix(y_test, pred))
print("balanced accuracy: %.3f" % balanced_accuracy_score(y_test, pred))
