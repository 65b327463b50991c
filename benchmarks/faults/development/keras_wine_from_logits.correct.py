# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(7)

wine = load_wine()
order = np.random.permutation(len(wine.target))
features, labels = wine.data[order], wine.target[order]
features = StandardScaler().fit_transform(features).astype("float32")

inputs = keras.Input(shape=(13,))
h = layers.Dense(16, activation="relu")(inputs)
h = layers.Dense(16, activation="relu")(h)
outputs = layers.Dense(3)(h)
classifier = keras.Model(inputs, outputs, name="wine")
classifier.summary()
classifier.compile(
    optimizer=keras.optimizers.SGD(0.05),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = classifier.fit(features, labels, epochs=8, batch_size=8, validation_split=0.3, verbose=2)
print("best val accuracy", max(history.history["val_accuracy"]))
