import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(0)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
counts = np.bincount(y_train)
frequency = counts[y_train] / len(y_train)
weights = (1 / (3 * frequency)).astype("float32")

model = keras.Sequential(
    [keras.Input((13,)), layers.Dense(16, activation="relu"), layers.Dense(3, activation="softmax")]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    X_train, y_train, sample_weight=weights, batch_size=16, epochs=15, verbose=0, validation_data=(X_test, y_test)
)
print(model.evaluate(X_test, y_test, verbose=0))
