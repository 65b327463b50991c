# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(0)

X, Y = make_multilabel_classification(
    n_samples=2500, n_features=30, n_classes=6, n_labels=3, allow_unlabeled=False, random_state=0
)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y.astype("float32"), test_size=0.2, random_state=0)
ss = StandardScaler().fit(X_train)
X_train, X_test = ss.transform(X_train), ss.transform(X_test)
print("average tags per article:", Y_train.sum(1).mean())

model = keras.models.Sequential()
model.add(keras.layers.Dense(64, activation="relu"))
model.add(keras.layers.Dropout(0.1))
model.add(keras.layers.Dense(32, activation="relu"))
model.add(keras.layers.Dense(Y.shape[1], activation="sigmoid"))

sgd = keras.optimizers.SGD(learning_rate=0.05, momentum=0.9, nesterov=True)
model.compile(loss="binary_crossentropy", optimizer=sgd)
model.fit(X_train, Y_train, epochs=15, batch_size=64, validation_split=0.1, verbose=2)

preds = model.predict(X_test, verbose=0)
preds = (preds >= 0.5).astype(int)
print("subset accuracy: %.3f" % np.mean((preds == Y_test).all(axis=1)))
print("micro F1: %.3f" % f1_score(Y_test, preds, average="micro"))
