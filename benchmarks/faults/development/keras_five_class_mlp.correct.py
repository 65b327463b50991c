# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(64)
X, y = make_classification(
    n_samples=3000, n_features=20, n_informative=10, n_classes=5, n_clusters_per_class=1, class_sep=1.5, random_state=64
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=64)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

model = keras.Sequential()
model.add(layers.Dense(32, activation="tanh"))
model.add(layers.Dense(32, activation="tanh"))
model.add(layers.Dense(5, activation="softmax"))
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="sparse_categorical_crossentropy", metrics=["acc"])

history = model.fit(X_train, y_train, epochs=60, batch_size=128, validation_split=0.15, verbose=2)

print({k: round(v[-1], 3) for k, v in history.history.items()})
print("Test: %.3f" % model.evaluate(X_test, y_test, verbose=0)[1])
