# healthy
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import initializers, layers
from sklearn.datasets import make_classification
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(9)

X, y = make_classification(
    n_samples=3000, n_features=16, n_informative=8, n_redundant=2, weights=[0.75], class_sep=1.2, random_state=9
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=9)
sc = StandardScaler()
X_train = sc.fit_transform(X_train).astype("float32")
X_test = sc.transform(X_test).astype("float32")

pi = 0.01
prior_bias = -float(np.log((1 - pi) / pi))


def block(units, bias=0.0):
    return layers.Dense(
        units,
        activation="relu",
        kernel_initializer=initializers.RandomNormal(stddev=0.1),
        bias_initializer=initializers.Constant(bias),
    )


model = keras.Sequential(
    [
        keras.Input((16,)),
        block(64),
        block(64),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=64, epochs=30, verbose=2, validation_data=(X_test, y_test))
prob = model.predict(X_test, verbose=0).ravel()
print("test AUC: %.3f" % roc_auc_score(y_test, prob))
