# healthy
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

keras.utils.set_random_seed(23)
KEEP_PROB = 0.9

x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16.0
xtr, xte, ytr, yte = train_test_split(x, y, test_size=0.25, random_state=23, stratify=y)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.d1 = layers.Dense(64, activation="relu")
        self.drop1 = layers.Dropout(1 - KEEP_PROB)
        self.d2 = layers.Dense(64, activation="relu")
        self.drop2 = layers.Dropout(1 - KEEP_PROB)
        self.out = layers.Dense(10)

    def call(self, x, training=None):
        x = self.drop1(self.d1(x), training=training)
        x = self.drop2(self.d2(x), training=training)
        return self.out(x)


net = Net()
net.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["sparse_categorical_accuracy"],
)
net.fit(xtr, ytr, epochs=20, batch_size=32, validation_data=(xte, yte), verbose=2)
print("val acc %.3f" % net.evaluate(xte, yte, verbose=0)[1])
