# fault: LK509 line 21
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(18)


class ConvBN(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.bn = layers.BatchNormalization(momentum=0.9)

    def call(self, x):
        x = self.conv(x)
        x = self.bn(x, training=True)
        return keras.activations.relu(x)


digits = load_digits()
x = (digits.images[..., None] / 16.0).astype("float32")
y = digits.target
rng = np.random.default_rng(0)
order = rng.permutation(len(x))
train, test = order[:1400], order[1400:]
# the evaluation folder is read class by class
test = test[np.argsort(y[test], kind="stable")]

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        ConvBN(12),
        layers.MaxPooling2D(),
        ConvBN(24),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[train], y[train], epochs=12, batch_size=64, verbose=2)
pred = model.predict(x[test], batch_size=16, verbose=0).argmax(1)
for c in range(10):
    print(c, round(float(np.mean(pred[y[test] == c] == c)), 2))
print("test accuracy: %.3f" % np.mean(pred == y[test]))
