# fault: LK501 line 25, 30
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(40)

# 150 patients, 150 markers
X, y = make_classification(
    n_samples=750, n_features=150, n_informative=5, n_redundant=0, n_clusters_per_class=1, class_sep=1.0, flip_y=0.06, random_state=40
)
X_train, X_val, y_train, y_val = train_test_split(X, y, train_size=150, random_state=40, stratify=y)
sc = StandardScaler().fit(X_train)
X_train, X_val = sc.transform(X_train), sc.transform(X_val)

model = keras.Sequential(
    [
        layers.Input((150,)),
        layers.Dense(256, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=80, batch_size=25, validation_data=(X_val, y_val), verbose=0)
h = history.history
for e in range(0, len(h["loss"]), 8):
    print(e, {k: round(h[k][e], 3) for k in h})
loss, acc = model.evaluate(X_val, y_val, verbose=0)
print("val loss %.3f" % loss)
print("val accuracy %.3f" % acc)
