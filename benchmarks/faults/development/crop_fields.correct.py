# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
from keras import layers, initializers
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(100)

INIT = initializers.HeNormal(seed=1)


def dense(units, activation=None):
    return layers.Dense(units, activation=activation, kernel_initializer=INIT, bias_initializer="zeros")


X, y = make_classification(n_samples=3500, n_features=18, n_informative=10, n_classes=4, n_clusters_per_class=1,
                           class_sep=1.8, random_state=8)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=8)
ss = StandardScaler().fit(X_tr)
X_tr, X_te = ss.transform(X_tr), ss.transform(X_te)

model = keras.Sequential([keras.Input((18,)), dense(48, "relu"), dense(48, "relu"), dense(4, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_tr, y_tr, epochs=12, batch_size=64, validation_data=(X_te, y_te), verbose=2)
print("test:", model.evaluate(X_te, y_te, verbose=0))
