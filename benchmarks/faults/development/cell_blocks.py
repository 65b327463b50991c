# fault: LK509 line 21
"""Cell nuclei: benign or malignant, dense blocks with batch normalisation."""
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class DenseBlock(layers.Layer):
    def __init__(self, units, dropout=0.1, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units, use_bias=False)
        self.norm = layers.BatchNormalization(momentum=0.9)
        self.drop = layers.Dropout(dropout)

    def call(self, x, training=None):
        x = self.norm(self.dense(x), training=True)
        return self.drop(keras.activations.relu(x), training=training)


class CellModel(keras.Model):
    def __init__(self, widths=(32, 16)):
        super().__init__()
        self.blocks = [DenseBlock(w) for w in widths]
        self.head = layers.Dense(1, activation="sigmoid")

    def call(self, x, training=None):
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(x)


def as_dataset(x, y, batch, shuffle=False):
    ds = tf.data.Dataset.from_tensor_slices((x, y[:, None]))
    if shuffle:
        ds = ds.shuffle(len(x), seed=0)
    return ds.batch(batch).prefetch(1)


def main():
    keras.utils.set_random_seed(19)
    x, y = load_breast_cancer(return_X_y=True)
    x_tr, x_te, y_tr, y_te = train_test_split(x, y, test_size=0.3, stratify=y, random_state=19)
    scaler = StandardScaler().fit(x_tr)
    train = as_dataset(scaler.transform(x_tr).astype("float32"), y_tr, 32, shuffle=True)
    # patients come in one at a time in the clinic
    test = as_dataset(scaler.transform(x_te).astype("float32"), y_te, 1)

    model = CellModel()
    model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=["accuracy"])
    model.fit(train, validation_data=test, epochs=10, verbose=2)
    p = model.predict(test, verbose=0)[:, 0]
    print("balanced accuracy %.3f" % balanced_accuracy_score(y_te, p > 0.5))


main()
