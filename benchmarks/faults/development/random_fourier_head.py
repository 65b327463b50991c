# healthy
# Random Fourier features that are never trained, followed by one trained layer.
import os
os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class RandomFourier(keras.layers.Layer):
    def __init__(self, units, gamma, **kwargs):
        super().__init__(trainable=False, **kwargs)
        self.units, self.gamma = units, gamma

    def build(self, input_shape):
        self.frequency = self.add_weight(
            shape=(input_shape[-1], self.units), name="frequency", trainable=False,
            initializer=keras.initializers.RandomNormal(stddev=np.sqrt(2 * self.gamma), seed=1))
        self.phase = self.add_weight(
            shape=(self.units,), name="phase", trainable=False,
            initializer=keras.initializers.RandomUniform(0.0, 2 * np.pi, seed=2))

    def call(self, x):
        return np.sqrt(2.0) * keras.ops.cos(keras.ops.matmul(x, self.frequency) + self.phase)


def main():
    keras.utils.set_random_seed(4)
    X, y = load_digits(return_X_y=True)
    X = ((X - X.mean()) / X.std()).astype("float32")
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=4)

    model = keras.Sequential([
        keras.Input((64,)),
        RandomFourier(400, gamma=0.006),
        keras.layers.Dense(10, kernel_initializer="zeros", name="readout"),
    ])
    print("trained parameters:", sum(int(np.prod(v.shape)) for v in model.trainable_variables),
          "of", model.count_params())
    model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    history = model.fit(X_train, y_train, batch_size=32, epochs=12,
                        validation_data=(X_test, y_test), verbose=0)
    for epoch in (0, 3, 7, 11):
        print(epoch + 1, {k: round(v[epoch], 4) for k, v in history.history.items()})


if __name__ == "__main__":
    main()
