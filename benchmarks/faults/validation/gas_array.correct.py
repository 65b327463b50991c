# healthy
import os
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import keras
from keras import layers, initializers
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(31)

# six gases, twenty metal-oxide sensors
X, y = make_classification(
    n_samples=3000, n_features=20, n_informative=10, n_redundant=5, n_classes=6,
    n_clusters_per_class=1, class_sep=1.6, random_state=31,
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=31)
sc = StandardScaler()
X_train = sc.fit_transform(X_train).astype("float32")
X_test = sc.transform(X_test).astype("float32")

init = initializers.HeNormal(seed=31)

model = keras.Sequential(name="gas_mlp")
model.add(keras.Input((20,)))
model.add(layers.Dense(64, activation="relu", kernel_initializer=init))
model.add(layers.Dense(32, activation="relu", kernel_initializer=init))
model.add(layers.Dense(6, activation="softmax"))

model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
)

history = model.fit(
    X_train, y_train, epochs=20, batch_size=64,
    validation_data=(X_test, y_test), verbose=0,
)
for e, row in enumerate(zip(*[history.history[k] for k in ("loss", "acc", "val_loss", "val_acc")])):
    print("%2d  loss %.3f acc %.3f  val_loss %.3f val_acc %.3f" % ((e + 1,) + row))

print("final val acc", history.history["val_acc"][-1])
