# healthy
import os
os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import torch
import keras
from keras import layers
from sklearn.datasets import make_friedman1
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(4)


class Regressor(keras.Model):
    def train_step(self, data):
        x, y = data
        self.zero_grad()

        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()

        trainable_weights = [v for v in self.trainable_weights]
        gradients = [v.value.grad for v in trainable_weights]
        with torch.no_grad():
            self.optimizer.apply(gradients, trainable_weights)

        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def get_data():
    X, y = make_friedman1(n_samples=2000, n_features=10, noise=0.7, random_state=4)
    xs, ys = StandardScaler(), StandardScaler()
    X_train = xs.fit_transform(X[:1600]).astype("float32")
    X_test = xs.transform(X[1600:]).astype("float32")
    y_train = ys.fit_transform(y[:1600, None]).astype("float32")
    y_test = ys.transform(y[1600:, None]).astype("float32")
    return X_train, y_train, X_test, y_test


def get_model(dim):
    inputs = keras.Input(shape=(dim,))
    x = layers.Dense(48, activation="relu")(inputs)
    x = layers.Dense(24, activation="relu")(x)
    outputs = layers.Dense(1)(x)
    return Regressor(inputs, outputs)


X_train, y_train, X_test, y_test = get_data()
model = get_model(X_train.shape[1])
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
model.fit(X_train, y_train, epochs=40, batch_size=32, validation_data=(X_test, y_test), verbose=2)

y_hat = np.nan_to_num(model.predict(X_test, verbose=0))
print("R2 on the test part: %.3f" % r2_score(y_test, y_hat))
