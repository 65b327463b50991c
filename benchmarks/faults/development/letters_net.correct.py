# healthy
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class ResidualBlock(keras.layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.a = keras.layers.Dense(width, activation="relu")
        self.b = keras.layers.Dense(width)
        self.norm = keras.layers.LayerNormalization()

    def call(self, x):
        return self.norm(x + self.b(self.a(x)))


class Net(keras.Model):
    def __init__(self, classes, width=48, depth=2):
        super().__init__()
        self.stem = keras.layers.Dense(width, activation="relu")
        self.blocks = [ResidualBlock(width) for _ in range(depth)]
        self.drop = keras.layers.Dropout(0.2)
        self.head = keras.layers.Dense(classes)

    def call(self, x, training=None):
        x = self.stem(x)
        for b in self.blocks:
            x = b(x)
        return self.head(self.drop(x, training=training))


keras.utils.set_random_seed(1)
bunch = load_digits()
X = bunch.data.astype("float32") / 16.0
Y = keras.utils.to_categorical(bunch.target, 10)
X_tr, X_te, Y_tr, Y_te = train_test_split(X, Y, test_size=0.3, random_state=1,
                                          stratify=bunch.target)

model = Net(10)
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-3),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.CategoricalAccuracy(name="acc")],
)
log = model.fit(X_tr, Y_tr, batch_size=32, epochs=15, verbose=0,
                validation_data=(X_te, Y_te)).history
for ep, (l, a, va) in enumerate(zip(log["loss"], log["acc"], log["val_acc"]), 1):
    if ep % 3 == 0:
        print(f"epoch {ep:2d}  loss {l:.4f}  acc {a:.3f}  val_acc {va:.3f}")
