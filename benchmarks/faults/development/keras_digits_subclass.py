# fault: LK101 line 17, 32
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class DigitNet(keras.Model):
    def __init__(self, num_classes=10):
        super().__init__()
        self.hidden = layers.Dense(48, activation="relu")
        self.hidden2 = layers.Dense(48, activation="relu")
        self.classifier = layers.Dense(num_classes, activation="softmax")

    def call(self, x):
        return self.classifier(self.hidden2(self.hidden(x)))


def main():
    keras.utils.set_random_seed(0)
    x, y = load_digits(return_X_y=True)
    x = (x / 16.0).astype("float32")
    x_tr, x_va, y_tr, y_va = train_test_split(x, y, test_size=0.25, random_state=1, stratify=y)

    net = DigitNet()
    net.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    net.fit(x_tr, y_tr, batch_size=64, epochs=25, validation_data=(x_va, y_va), verbose=2)
    _, acc = net.evaluate(x_va, y_va, verbose=0)
    print("validation accuracy: %.3f" % acc)


if __name__ == "__main__":
    main()
