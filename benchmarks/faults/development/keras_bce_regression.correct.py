# healthy
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(0)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
sx, sy = StandardScaler().fit(X_train), StandardScaler().fit(y_train.reshape(-1, 1))
X_train, X_test = sx.transform(X_train), sx.transform(X_test)
y_train, y_test = sy.transform(y_train.reshape(-1, 1)), sy.transform(y_test.reshape(-1, 1))


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(10,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(loss="mse", optimizer="adam", metrics=["mae"])
    return model


model = build_model()
model.fit(X_train, y_train, epochs=15, batch_size=16, validation_data=(X_test, y_test), verbose=2)
