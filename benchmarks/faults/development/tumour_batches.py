# fault: LK502 line 14
import os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import keras
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.preprocessing import StandardScaler

SETTINGS = dict(
    hidden=[32, 16],
    dropout=0.1,
    l2=0.5,
    lr=2e-3,
    batch=32,
    epochs=15,
)


def make_classifier(n_inputs, hidden, dropout, l2, lr, **_):
    reg = keras.regularizers.L2(l2)
    model = keras.Sequential([keras.Input((n_inputs,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu", kernel_regularizer=reg))
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(1, activation="sigmoid", kernel_regularizer=reg))
    model.compile(optimizer=keras.optimizers.Adam(lr), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def batches(x, y, size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(order), size):
        pick = order[start : start + size]
        yield x[pick], y[pick]


keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
data = load_breast_cancer()
splitter = StratifiedShuffleSplit(n_splits=1, test_size=0.25, random_state=3)
train_idx, test_idx = next(splitter.split(data.data, data.target))
scaler = StandardScaler().fit(data.data[train_idx])
x_train, x_test = (scaler.transform(data.data[i]).astype("float32") for i in (train_idx, test_idx))
y_train, y_test = (data.target[i].astype("float32")[:, None] for i in (train_idx, test_idx))

model = make_classifier(x_train.shape[1], **SETTINGS)
for epoch in range(SETTINGS["epochs"]):
    model.reset_metrics()
    for xb, yb in batches(x_train, y_train, SETTINGS["batch"], rng):
        logs = model.train_on_batch(xb, yb, return_dict=True)
    if (epoch + 1) % 5 == 0:
        prob = model.predict(x_test, verbose=0)
        acc = ((prob > 0.5) == y_test).mean()
        print(
            f"epoch {epoch + 1}: loss {logs['loss']:.4f} acc {logs['accuracy']:.3f} "
            f"test acc {acc:.3f} auc {roc_auc_score(y_test, prob):.3f}"
        )
