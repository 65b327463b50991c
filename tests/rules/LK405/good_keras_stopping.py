"""Wine, until its validation accuracy has not improved for six epochs."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(0)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
model = keras.Sequential(
    [keras.Input((13,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3, activation="softmax")]
)
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
stopping = keras.callbacks.EarlyStopping("val_loss", patience=6, mode="min", restore_best_weights=True)
model.fit(
    scaler.transform(X_train),
    y_train,
    validation_data=(scaler.transform(X_test), y_test),
    epochs=120,
    batch_size=8,
    callbacks=[stopping],
    verbose=2,
)
