# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(2)
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=2)
s = StandardScaler().fit(X_train)

model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(3, activation="softmax")]
)
model.compile(keras.optimizers.SGD(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
Z = s.transform(X_train)
rng = np.random.default_rng(2)
for epoch in range(40):
    order = rng.permutation(len(Z))
    for i in range(0, len(order) - 1, 2):
        logs = model.train_on_batch(Z[order[i : i + 2]], y_train[order[i : i + 2]], return_dict=True)
    if epoch % 10 == 0:
        print(epoch, logs)
print("test accuracy %.3f" % model.evaluate(s.transform(X_test), y_test, verbose=0)[1])
